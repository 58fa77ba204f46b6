"""Levers of the family *endpoints*."""
