"""The probe check: whether every element of the array still works."""
