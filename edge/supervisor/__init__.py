"""The supervisor: it executes one table of workers, closes one stack of open things, and serves a page that explains a failed start."""
