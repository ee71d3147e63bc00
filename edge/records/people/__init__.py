"""Operators, their sessions and their credentials, as recorded."""
