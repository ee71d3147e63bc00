"""What happened in the drift watch of each release: the model was stopped, and what people decided."""
