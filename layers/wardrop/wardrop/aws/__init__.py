"""The adapters: one module for each AWS service, and the ledger. No other package imports AWS's SDK."""
