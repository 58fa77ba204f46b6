"""What is read, one file per service."""
