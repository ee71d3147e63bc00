"""What a hospital has scheduled: its entries, which of them can be used, their copy for times without a network, and the search in it."""
