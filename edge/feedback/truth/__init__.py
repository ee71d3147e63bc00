"""Truth: what a patient turned out to have, by which reference, and how far it can be relied on."""
