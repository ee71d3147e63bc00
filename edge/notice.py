"""The notice next to every finding that is shown: SonoEdge is not a certified medical device."""

NOTICE = "research use, not a diagnosis"
