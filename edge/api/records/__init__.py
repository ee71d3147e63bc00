"""The audit trail, backups, the clock and notices."""
