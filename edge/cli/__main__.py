"""`python -m edge.cli` runs `sonoedge` where the script is not on the path."""

from edge.cli import main

main()
