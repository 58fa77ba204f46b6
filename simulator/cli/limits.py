"""Bounds that options and agents' tools share; without the engine, so that a door opens at once."""

MAX_MONTHS = 60
