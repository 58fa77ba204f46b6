"""The pipeline: usage, levers, prices, commitments, result."""
