"""What a device hands to a person who helps it, without anything of a patient."""
