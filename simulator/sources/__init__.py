"""Where a snapshot comes from: a live account, or billing exports."""
