"""Taking an exam: the live zone, its capture and the guidance for the operator."""
