"""How well answers fit the truth: shares, ratios, ranks and calibration, each with an interval over patients or a sentence why not."""
