"""Benchmarks of speed and size on this machine; each module has its targets at the top."""
