"""Pre- and post-test probability: what one sign changes in a probability that a person states."""
