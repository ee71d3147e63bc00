"""Durable files, digests and journals: what reaches the disk here survives a cut of power."""
