"""The workbook a planner goes on with: assumptions are cells, and what depends on them is live formulas.

What is live and what is a value is said on the sheet *Assumptions*; values are grey.
"""

from __future__ import annotations

from simulator.reports.workbook.assemble import workbook

__all__ = ["workbook"]
