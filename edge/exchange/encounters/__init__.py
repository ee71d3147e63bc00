"""Who is in the hospital now: its encounters, by HL7 ADT or from a FHIR server, which of them can be used, and their durable copy."""
