"""What stands wherever a finding is shown: SonoEdge is not a certified medical device."""

NOTICE = "research use, not a diagnosis"
