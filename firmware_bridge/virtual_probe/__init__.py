"""A probe without hardware: it uses SonoLink over a pty, so that the appliance opens it like a real probe."""
