"""Savings Plans: rates, and settlement hour by hour."""
