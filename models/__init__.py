"""How to train and evaluate a model, offline: one folder per task. The appliance never imports this package."""
