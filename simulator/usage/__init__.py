"""What the account used: facts, no money."""
