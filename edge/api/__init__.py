"""The local API: one router for each noun, a live stream, and errors that state the next step."""
