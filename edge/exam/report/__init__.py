"""Reports: from what is recorded of an exam to JSON and paper."""
