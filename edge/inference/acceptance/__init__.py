"""Site acceptance: a release is judged on a site's own labelled clips of one machine, and holds there once a person has signed it."""
