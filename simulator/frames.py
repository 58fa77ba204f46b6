"""How pandas keeps texts in a process of ours."""


def keep_texts_as_python() -> None:
    """Texts of tables as Python's strings, not in Arrow's memory; only who owns the process may say so, no library.

    Accounts are many tables of few rows, where each call to Arrow costs more than its rows: a small import takes a
    quarter less, a report a fifth. Of two million lines, too, the tables are made sooner, and memory's peak is lower.
    """
    import pandas as pd  # the server answers before it is loaded

    pd.set_option("mode.string_storage", "python")
