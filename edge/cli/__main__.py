"""`python -m edge.cli` is `sonoedge`, for where the script is not on the path."""

from edge.cli import main

main()
