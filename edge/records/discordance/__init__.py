"""Differences between the answers on an exam: what was stated, and how people closed them."""
