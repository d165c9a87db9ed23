"""What is done with requests: the questions, saving, handling, visits, promises, suspicion, the ledger."""
