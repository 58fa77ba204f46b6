"""What is stored: tables of facts and a manifest."""
