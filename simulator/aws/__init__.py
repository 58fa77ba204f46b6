"""AWS's own vocabulary: usage types, storage classes, offers, limits. No engine, no I/O."""
