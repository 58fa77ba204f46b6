"""The board: each lever is one row of the bill. Rows are worked out in Python and drawn by one component."""
