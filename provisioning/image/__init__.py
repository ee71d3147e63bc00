"""The image of a disk for a board: what builds it, what it holds, and how its boot loader learns which of two systems to start."""
