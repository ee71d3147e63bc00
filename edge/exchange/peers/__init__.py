"""The hospital's network: who it is made of, and how each of them is spoken to."""
