"""Studies: a table of patients with a sign beside its reference, from somewhere else, and what it tells of the sign."""
