"""The records: each module here owns its files, and reports a record as stored only when it has reached the disk."""
