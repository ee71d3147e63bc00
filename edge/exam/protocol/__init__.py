"""Protocols: which zones are examined, how each is taken and how it is scored."""
