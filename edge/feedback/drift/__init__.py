"""Does a release still see what it was made for? Exams against the release's own reference, without knowing what the patients have."""
