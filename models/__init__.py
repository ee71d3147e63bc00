"""How a model is made and judged, offline: one folder a task. The appliance never imports this."""
