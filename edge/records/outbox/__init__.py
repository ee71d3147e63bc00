"""What is still owed to a peer, and what each peer took: one row for each delivery, and one for each of its objects."""
