"""Everything to take away at once: all tables as CSV, both charts as SVG and PNG, in one .zip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from simulator.reports.tables import as_csv
from simulator.snapshot.files import archive_bytes

Chart = tuple[pd.DataFrame, dict[str, Any]]


def as_zip(
    tables: Mapping[str, pd.DataFrame], charts: Mapping[str, Chart], texts: Mapping[str, str]
) -> bytes:
    """The .zip: `<name>.csv` per table, `<name>.svg` and `.png` per chart, each text under its own name."""
    files = {f"{name}.csv": f"{as_csv(table)}\n".encode() for name, table in tables.items()}
    for name, (frame, spec) in charts.items():
        whole = whole_spec(frame, spec)
        files[f"{name}.vl.json"] = json.dumps(whole).encode()
        files |= {f"{name}.{ending}": image for ending, image in images(whole).items()}
    return archive_bytes(files | {name: text.encode() for name, text in texts.items()})


def whole_spec(frame: pd.DataFrame, spec: Mapping[str, Any], width: int = 720) -> dict[str, Any]:
    """A spec that carries its data, as other programs want it."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "width": width,
        "data": {
            "values": json.loads(frame.to_json(orient="records", date_format="iso", double_precision=15))
        },
        **spec,
    }


def images(spec: Mapping[str, Any]) -> dict[str, bytes]:
    """The chart as SVG and PNG (at twice the size)."""
    import vl_convert

    return {
        "svg": vl_convert.vegalite_to_svg(dict(spec)).encode(),
        "png": vl_convert.vegalite_to_png(dict(spec), scale=2),
    }
