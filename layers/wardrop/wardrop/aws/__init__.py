"""One module for each system outside; nothing else imports its SDK."""
