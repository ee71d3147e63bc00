"""From beam lines to an image."""
