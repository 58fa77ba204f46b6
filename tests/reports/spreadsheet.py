"""LibreOffice without a window: a workbook recalculated from its formulas alone."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZipFile

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


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Question = tuple[bytes, dict[str, float]]
"""A workbook, and what to change in it: named cells or `Sheet!A1` addresses."""


def recalculated(questions: dict[str, Question], folder: Path) -> dict[str, Cells]:
    """Each workbook after its changes, with everything calculated anew: LibreOffice starts once for all of them."""
    profile, out = folder / "profile" / "user", folder / "out"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    for name, (content, changes) in questions.items():
        (folder / f"{name}.xlsx").write_bytes(changed(content, changes))
    command = [
        "soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
        "--convert-to", "xlsx", "--outdir", str(out), *(str(folder / f"{name}.xlsx") for name in questions),
    ]  # fmt: skip
    subprocess.run(
        command, check=True, capture_output=True, timeout=180, env={**os.environ, "HOME": str(folder)}
    )
    return {n: Cells((out / f"{n}.xlsx").read_bytes()) for n in questions}


def changed(content: bytes, changes: dict[str, float]) -> bytes:
    """The workbook with these numbers in these cells and without the formulas' values: it has to be calculated."""
    cells = Cells(content)
    with ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name in cells.files.values():
        parts[name] = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", parts[name])
    for place, value in changes.items():
        sheet, address = cells.place(place)
        part = cells.files[sheet]
        parts[part] = with_number(parts[part], address, value)
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=1) as new:
        for name, body in parts.items():
            new.writestr(name, body)
    return stream.getvalue()


def with_number(xml: bytes, address: str, value: float) -> bytes:
    """A sheet with a number in one of its cells, which holds no formula."""
    found = re.search(rb'<c r="%s"([^>]*?)(/>|>(.*?)</c>)' % address.encode(), xml)
    assert found, f"{address} is not in the sheet"
    assert b"<f>" not in (found[3] or b""), f"{address} is a formula, not an input"
    style = re.search(rb' s="\d+"', found[1])
    cell = b'<c r="%s"%s><v>%r</v></c>' % (address.encode(), style[0] if style else b"", value)
    return xml[: found.start()] + cell + xml[found.end() :]


class Cells:
    """The values of a workbook by name or address: a cell a number, a text or a truth, an error its text."""

    def __init__(self, content: bytes) -> None:
        with ZipFile(io.BytesIO(content)) as parts:
            book = ElementTree.fromstring(parts.read("xl/workbook.xml"))
            relations = ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))
            target = {r.attrib["Id"]: f"xl/{r.attrib['Target'].removeprefix('/xl/')}" for r in relations}
            texts = [
                "".join(t.text or "" for t in item.iter(f"{MAIN}t"))
                for item in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
            ]
            self.files = {s.attrib["name"]: target[s.attrib[RELATION]] for s in book.iter(f"{MAIN}sheet")}
            self.sheets = {n: _values(parts.read(file), texts) for n, file in self.files.items()}
        self.names = {d.attrib["name"]: d.text or "" for d in book.iter(f"{MAIN}definedName")}

    def place(self, name: str) -> tuple[str, str]:
        """Sheet and address of a named cell or a `Sheet!A1`."""
        sheet, cell = (name if "!" in name else self.names[name]).split("!")
        return sheet.strip("'"), cell.replace("$", "")

    def __getitem__(self, name: str) -> Any:
        sheet, address = self.place(name)
        return self.sheets[sheet].get(address)

    def rows(self, sheet: str) -> dict[int, dict[str, Any]]:
        """The values of a sheet by row, from 1, and column."""
        found: dict[int, dict[str, Any]] = {}
        for address, value in self.sheets[sheet].items():
            column = address.rstrip("0123456789")
            found.setdefault(int(address[len(column) :]), {})[column] = value
        return found

    def table(self, sheet: str, head_row: int) -> list[dict[str, Any]]:
        """Rows below a head row (counted from 1), up to the first one without a first cell."""
        rows = self.rows(sheet)
        titles = {column: str(title) for column, title in rows[head_row].items()}
        body = []
        for number in range(head_row + 1, max(rows) + 1):
            if "A" not in rows.get(number, {}):
                break
            body.append({title: rows[number].get(column) for column, title in titles.items()})
        return body

    def errors(self) -> list[str]:
        """Every cell that shows an error."""
        return [
            f"{sheet}!{address} {value}"
            for sheet, values in self.sheets.items()
            for address, value in values.items()
            if isinstance(value, str) and value.startswith(("#", "Err:"))
        ]


def _values(xml: bytes, texts: list[str]) -> dict[str, Any]:
    """The cells of a sheet that hold a value."""
    found: dict[str, Any] = {}
    for cell in ElementTree.fromstring(xml).iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        if value is not None and value.text is not None:
            found[cell.attrib["r"]] = _value(cell.attrib.get("t", "n"), value.text, texts)
    return found


def _value(kind: str, text: str, texts: list[str]) -> Any:
    if kind == "s":
        return texts[int(text)]
    if kind == "b":
        return text == "1"
    return float(text) if kind == "n" else text
