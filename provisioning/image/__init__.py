"""The image of a disk for a board: what builds it, what it holds, and how its boot loader is told which of two systems to start."""
