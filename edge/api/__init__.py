"""The local API: one router a noun, a live stream, and errors that say what to do."""
