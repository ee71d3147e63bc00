"""Exams as recorded: patients, clips, findings, reviews and reports."""
