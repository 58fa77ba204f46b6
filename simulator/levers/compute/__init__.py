"""Levers of the family *compute*."""
