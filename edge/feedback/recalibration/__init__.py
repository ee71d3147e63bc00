"""Would another calibration be better for the cases of this site? Only a proposal: a person accepts it, or nothing changes."""
