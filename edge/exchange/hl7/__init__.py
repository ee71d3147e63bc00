"""HL7 version 2: an exam as a message of results (ORU^R01), and the frames of MLLP around it."""
