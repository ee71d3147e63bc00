"""OpenIGTLink 1 to 3: what 3D Slicer, PLUS and the scanners behind it speak over TCP. Sans-I/O."""
