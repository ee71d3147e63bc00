"""What leaves the appliance for a hospital, a receiver of a stick or a researcher, and what comes from there."""
