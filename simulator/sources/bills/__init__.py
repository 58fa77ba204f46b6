"""Billing exports → snapshot. See docs/imports.md.

Files are recognised by content (`places`, `formats`), read by an engine (`engines`) into lines of one shape (`lines`),
summed by the same expressions on every engine (`sums`), classified (`usage_types`, `bedrock_types`) and built into
the tables of a snapshot (`resources`, `money`). Dollars in = dollars out, to the cent.
"""

from simulator.sources.bills.bill import import_bill
from simulator.sources.bills.report import BillError, Imported, RejectedRow, Report

__all__ = ["BillError", "Imported", "RejectedRow", "Report", "import_bill"]
