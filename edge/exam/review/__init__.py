"""Reviews: the answer of a reader, the image scale, sampling, and who sees what."""
