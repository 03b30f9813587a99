"""The ledger, a DynamoDB table: one module for each subject that it records."""
