"""How good a release is, on patients that its networks never saw: one module a question, each with the source of its formula."""
