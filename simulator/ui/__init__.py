"""The app's pages and widgets: the only importer of streamlit beside the entry."""
