"""The model releases."""
