"""Whether a board works: one table of checks, and one signed report of what they measured."""
