"""FHIR R4: an exam as one transaction that a server takes or refuses as a whole."""
