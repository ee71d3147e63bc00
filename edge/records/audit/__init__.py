"""The audit trail: a signed chain of entries, its verification and its export."""
