"""Which slot starts: a program of its own, that needs the standard library only.

It lies next to both slots as `boot.pyz` (made by `pack.py`), so that no release, however broken, decides about its own start.
"""
