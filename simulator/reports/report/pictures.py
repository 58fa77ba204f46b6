"""Our charts as SVG text: Vega-Lite drawn here, without a browser or a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from simulator.reports.report.blocks import Picture

WIDTH = 640


def picture(frame: pd.DataFrame, spec: Mapping[str, Any], alt: str) -> Picture:
    """One chart of `simulator.charts` with its data."""
    import vl_convert

    values = json.loads(frame.to_json(orient="records", date_format="iso"))
    whole = {**spec, "width": WIDTH, "data": {"values": values}, "background": "white"}
    return Picture(vl_convert.vegalite_to_svg(whole), alt)
