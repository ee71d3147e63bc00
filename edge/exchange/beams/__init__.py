"""Recordings as the lines of the probe, for research: inverse scan conversion, with the geometry and without the patient."""
