"""The bill as a distribution."""
