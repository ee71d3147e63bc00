"""Exams, and the patients, clips, findings, reviews and reports that belong to them."""
