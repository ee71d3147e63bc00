"""What the page costs and how much it asks of a person, in headless Chromium on the real appliance with a simulated chest."""
