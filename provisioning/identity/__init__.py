"""Who a board is: its key, its id, its label and its certificates."""
