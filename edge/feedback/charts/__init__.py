"""Control charts: does a learner do well enough yet, and does it stay so? Sums over exams, with limits from simulation."""
