"""Levers of the family *governance*: rules for a team, with what they save."""
