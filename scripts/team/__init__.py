"""The sample account `team`: a mid-size account drawn, seeded, from real traces (see traces.py)."""
