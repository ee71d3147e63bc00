"""From a board's own Debian or Ubuntu to the appliance."""
