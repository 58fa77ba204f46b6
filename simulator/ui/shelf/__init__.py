"""Parts of the workspace page."""
