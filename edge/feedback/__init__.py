"""How well the appliance does: what people decide on the answers of the model, and what turned out."""
