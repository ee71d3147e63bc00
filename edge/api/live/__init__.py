"""The live stream, the source and recordings."""
