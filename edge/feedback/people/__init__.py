"""A card for each person: how their answers compare with those of an over-reader, how they learn, and how they use the model's answers."""
