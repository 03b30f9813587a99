"""The commands that users and programs send, and the responses to them."""
