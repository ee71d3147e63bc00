"""Discordance: where the answers on an exam differ, which differences are still open, and why the closed ones arose."""
