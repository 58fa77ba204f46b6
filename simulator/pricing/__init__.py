"""Dated prices, and usage × price. The only place that multiplies by a price."""
