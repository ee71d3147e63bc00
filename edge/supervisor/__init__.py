"""Keeps the appliance running: one executed table of workers, one stack of what is open, and a page that explains a failed start."""
