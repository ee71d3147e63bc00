"""One module for each way to run the network. Its `load` runs in the environment of that way, which need not have SonoEdge's packages."""
