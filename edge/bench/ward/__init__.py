"""A ward out of recorded patients: a folder of labelled clips is played as exams with readers of known error, to test the feedback."""
