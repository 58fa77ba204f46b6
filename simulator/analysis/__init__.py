"""What follows from a result: months, credit, confidence, findings, answers."""
