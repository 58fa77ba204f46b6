"""Levers of the family *commitments*."""
