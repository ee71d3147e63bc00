"""Durable files, digests and journals: data written here survive a power cut."""
