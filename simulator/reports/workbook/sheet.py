"""Writing cells: text is always text, an unknown number is the word unknown, inputs and values look different."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from simulator.words import cell

SHEETS = (
    "Summary", "Assumptions", "Levers", "Resources", "Months", "Commitments", "Charges", "Sources", "Savings by month",
    "Ranges by month", "Unit costs by month",
)  # fmt: skip
UNKNOWN = "unknown"
A4 = 9
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "section": {"bold": True, "font_size": 12, "bottom": 2, "bottom_color": "#1F5FA8"},
    "head": {
        "bold": True,
        "bg_color": "#E8ECF0",
        "text_wrap": True,
        "valign": "top",
        "border": 1,
        "border_color": "#D5DBE1",
    },
    "text": {"valign": "top"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "usd": {"num_format": "$#,##0.00;[Red]-$#,##0.00"},
    "price": {"num_format": "$0.00########"},
    "number": {"num_format": "#,##0.00##"},
    "whole": {"num_format": "#,##0"},
    "percent": {"num_format": "0.0%"},
    "ratio": {"num_format": "0.0000"},
}
LOOKS: dict[str, dict[str, Any]] = {
    "": {},
    "input": {"bg_color": "#FFF6D6", "font_color": "#0B3D91", "border": 1, "border_color": "#E0C872"},
    "value": {"font_color": "#7D8590"},
    "total": {"bold": True, "top": 1},
}


def safe(text: str) -> str:
    """Text that stays text even after a detour through CSV."""
    return cell(text)


class PlainSheet(Worksheet):  # type: ignore[misc]
    """A sheet of the library's for our formulas: none has a function that old programs need under another name.

    The library looks for thirty such in each formula, which was a sixth of the time of a workbook.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        if expand_future_functions:
            return str(super()._prepare_formula(formula, expand_future_functions))
        return formula.removeprefix("=")


@dataclass
class Sheet:
    """One sheet; rows and columns count from 0."""

    book: Book
    name: str
    raw: Any

    def text(self, row: int, column: int, value: object, form: str = "text", look: str = "") -> None:
        """A text, whatever it begins with."""
        self.raw.write_string(row, column, safe(str(value)), self.book.form(form, look))

    def number(self, row: int, column: int, value: float | None, form: str, look: str = "") -> None:
        """A number, or the word unknown."""
        if value is None or isnan(value):
            self.raw.write_string(row, column, UNKNOWN, self.book.form("text", look))
        else:
            self.raw.write_number(row, column, float(value), self.book.form(form, look))

    def formula(
        self, row: int, column: int, formula: str, value: float | None, form: str, look: str = ""
    ) -> None:
        """A formula of ours, with the engine's value (None: left open) for programs that do not calculate."""
        shown: float | str = "" if value is None else UNKNOWN if isnan(value) else float(value)
        self.raw.write_formula(row, column, f"={formula}", self.book.form(form, look), shown)

    def head(self, row: int, titles: list[str], widths: list[int] | None = None) -> None:
        """Column titles, and widths in characters."""
        for column, title in enumerate(titles):
            self.text(row, column, title, "head")
        for column, width in enumerate(widths or []):
            self.raw.set_column(column, column, width)

    def cell(self, row: int, column: int) -> str:
        """The absolute address of a cell as other sheets write it."""
        return f"{self.name}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def column(self, first: int, last: int, column: int) -> str:
        """The absolute address of a part of a column; at least one cell."""
        top, bottom = (
            xl_rowcol_to_cell(r, column, row_abs=True, col_abs=True) for r in (first, max(first, last))
        )
        return f"{self.name}!{top}:{bottom}"


@dataclass
class Book:
    """The file being made; `cells` holds the addresses sheets tell each other, by name."""

    file: xlsxwriter.Workbook
    sheets: dict[str, Sheet] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    _forms: dict[tuple[str, str], Any] = field(default_factory=dict)

    def add(self, name: str) -> None:
        """A new sheet at the end."""
        raw = self.file.add_worksheet(name, worksheet_class=PlainSheet)
        raw.set_landscape()
        raw.set_paper(A4)
        raw.fit_to_pages(1, 0)
        self.sheets[name] = Sheet(self, name, raw)

    def form(self, form: str, look: str) -> Any:
        """The format of a kind of cell."""
        key = (form, look)
        if key not in self._forms:
            self._forms[key] = self.file.add_format({**FORMATS[form], **LOOKS[look]})
        return self._forms[key]

    def name(self, name: str, address: str) -> None:
        """Remember an address, and define it as a name in the file."""
        self.cells[name] = address
        self.file.define_name(name, f"={address}")
