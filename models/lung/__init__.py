"""The lung model: B-lines, A-lines and severity from grey frames."""
