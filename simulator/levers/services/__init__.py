"""Levers of the family *services*."""
