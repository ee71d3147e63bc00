"""Reviews: a reader's own answer, the image scale, sampling, and what is shown to whom."""
