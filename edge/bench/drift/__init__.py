"""How rarely the drift watch stops on steady exams, and how soon it finds a change: on real readings of simulated and of real patients."""
