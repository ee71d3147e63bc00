"""The ledger of model changes: for each release in clinical use its plan, its evidence and the person who signed it."""
