"""Turns a board with its own Debian or Ubuntu into the appliance."""
