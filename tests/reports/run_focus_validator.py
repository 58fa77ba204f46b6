"""Run the FinOps Foundation's focus-validator 1.0 on FOCUS CSVs; runs in an environment of its own.

`python run_focus_validator.py FILE.csv …`: prints `== FILE.csv` and every rule of it that fails. The validator's reader
turns account numbers into integers, so that text columns are read as text here. Its rules for 1.0 still look for five
columns under the names of the preview; they get copies of the columns of the specification.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import focus_validator
import pandas as pd
from focus_validator.data_loaders.csv_data_loader import CSVDataLoader
from focus_validator.main import main

OLD_NAMES = {
    "InvoiceIssuer": "InvoiceIssuerName", "Provider": "ProviderName", "Publisher": "PublisherName",
    "ResourceID": "ResourceId", "ChargeType": "ChargeCategory",
}  # fmt: skip
NUMBERS = ("Cost", "Price", "Quantity")


def load(self: CSVDataLoader) -> pd.DataFrame:
    """The file with text as text and numbers as numbers."""
    columns = pd.read_csv(self.data_filename, nrows=0).columns
    texts = {c: str for c in columns if not c.endswith(NUMBERS)}
    frame = pd.read_csv(self.data_filename, dtype=texts)
    return frame.assign(**{old: frame[new] for old, new in OLD_NAMES.items()})


if __name__ == "__main__":
    files = [Path(name).resolve() for name in sys.argv[1:]]
    CSVDataLoader.load = load
    # Its list of currencies is found only from the folder the package stands in.
    os.chdir(Path(focus_validator.__file__).parents[1])
    for file in files:
        sys.stdout.write(f"== {file.name}\n")
        sys.stdout.flush()
        sys.argv = ["focus-validator", "--data-file", str(file), "--validate-version", "1.0"]
        # it leaves Python where a rule fails
        with contextlib.suppress(SystemExit):
            main()
