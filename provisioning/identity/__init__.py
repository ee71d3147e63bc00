"""Who a board is: its key, its id, its label, its claim code and its certificates."""
