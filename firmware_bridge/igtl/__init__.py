"""OpenIGTLink 1 to 3: the TCP protocol of 3D Slicer, PLUS and the scanners behind PLUS. Sans-I/O."""
