"""The ledger, which is a DynamoDB table, with one module for each subject."""
