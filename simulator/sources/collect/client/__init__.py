"""Calls to AWS: sessions, patience, permissions, and the answers already paid for."""
