"""Levers of the family *training*."""
