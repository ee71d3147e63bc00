"""The labelled exams of a site as a data set without its patients, in the form that a network is trained on."""
