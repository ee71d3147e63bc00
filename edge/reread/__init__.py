"""Reads recorded exams again with a candidate release and with the active one, to show what would change before it does."""
