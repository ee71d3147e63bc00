"""How well the model does in the exams of this site: its answers against what readers state, and against what turned out."""
