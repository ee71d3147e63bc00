"""The appliance itself: health, version and settings."""
