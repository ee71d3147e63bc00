"""A signed release from a stick becomes the slot that runs."""
