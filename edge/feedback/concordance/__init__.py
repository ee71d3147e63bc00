"""How far readers agree: with each other, or a reader with the model. Agreement that chance alone would bring does not count."""
