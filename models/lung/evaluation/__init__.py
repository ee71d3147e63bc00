"""Evaluation of a release on patients that its networks never saw: one module per question, each with the source of its formula."""
