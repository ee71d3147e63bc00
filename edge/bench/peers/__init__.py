"""The appliance compared with other ways to run the same network on the same frames, each in a process of its own."""
