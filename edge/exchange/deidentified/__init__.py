"""An exam without its patient, for teaching and training: PS3.15 Annex E, Basic Application Level Confidentiality Profile."""
