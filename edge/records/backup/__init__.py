"""Backups of the records, restoring them, and the quarantine for damaged files."""
