"""What a device hands to whoever helps it, without anything of a patient."""
