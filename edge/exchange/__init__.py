"""What the appliance hands on to others."""
