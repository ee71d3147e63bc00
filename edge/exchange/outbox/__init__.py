"""Sends what is queued: one delivery at a time, each object until the peer has it, each delivery until the peer confirms it."""
