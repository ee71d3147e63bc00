"""Where logic and records meet: the API, the page and the shell ask a desk, and each desk knows one subject."""
