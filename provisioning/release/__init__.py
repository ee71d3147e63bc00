"""The builder's side: the keys, the repository and the stick of a release. A device needs nothing of it."""
