"""Studies: a table of patients with a sign and its reference, from somewhere else, and what it tells of the sign."""
