"""The adapters: one module for each service, and the ledger. Nothing else imports an SDK."""
