"""LibreOffice without a window: a workbook recalculated from its formulas alone."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>
"""


def require_soffice() -> None:
    """Skip where LibreOffice is not installed; on CI a missing one is a failure of its own set-up."""
    if shutil.which("soffice") is None:
        pytest.skip(
            "LibreOffice is not installed: workbook formulas are not recalculated (apt: libreoffice-calc-nogui)"
        )


def recalculated(content: bytes, folder: Path, changes: dict[str, float] | None = None) -> Cells:
    """The workbook after changing named cells (or `Sheet!A1` addresses) and calculating everything anew."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name, value in (changes or {}).items():
        sheet, cell = _place(book, name)
        assert not str(book[sheet][cell].value).startswith("="), f"{name} is a formula, not an input"
        book[sheet][cell].value = value
    folder.mkdir(parents=True, exist_ok=True)
    profile = folder / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    source, out = folder / "in.xlsx", folder / "out"
    book.save(source)
    command = [
        "soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
        "--convert-to", "xlsx", "--outdir", str(out), str(source),
    ]  # fmt: skip
    subprocess.run(
        command, check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(folder)}
    )
    return Cells(openpyxl.load_workbook(out / "in.xlsx", data_only=True))


def _place(book: Any, name: str) -> tuple[str, str]:
    address = name if "!" in name else book.defined_names[name].attr_text
    sheet, cell = address.split("!")
    return sheet.strip("'"), cell.replace("$", "")


class Cells:
    """Calculated values by name or address."""

    def __init__(self, book: Any) -> None:
        self.book = book

    def __getitem__(self, name: str) -> Any:
        sheet, cell = _place(self.book, name)
        return self.book[sheet][cell].value

    def table(self, sheet: str, head_row: int) -> list[dict[str, Any]]:
        """Rows below a head row (counted from 1), up to the first one without a first cell."""
        rows = list(self.book[sheet].iter_rows(min_row=head_row, values_only=True))
        titles = [str(t) for t in rows[0]]
        body = []
        for row in rows[1:]:
            if row[0] is None:
                break
            body.append(dict(zip(titles, row, strict=True)))
        return body

    def errors(self) -> list[str]:
        """Every cell that shows an error."""
        return [
            f"{sheet.title}!{cell.coordinate} {cell.value}"
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell.value, str) and (cell.value.startswith("#") or cell.value.startswith("Err:"))
        ]
