"""What is kept: every module here owns its files, and what it says is kept has reached the disk."""
