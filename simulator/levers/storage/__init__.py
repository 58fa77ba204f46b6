"""Levers of the family *storage*."""
