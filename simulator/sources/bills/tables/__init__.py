"""The tables of a snapshot, made from the sums of a bill."""
