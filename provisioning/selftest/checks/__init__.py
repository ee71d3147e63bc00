"""The checks of the board itself; each function answers one question and reads /sys and /proc below a root that a test can replace."""
