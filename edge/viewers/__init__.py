"""Servers for viewers: programs that show the live image elsewhere."""
