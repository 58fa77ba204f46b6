"""Levers of the family *bedrock*."""
