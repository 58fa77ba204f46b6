"""Results → small frames and Vega-Lite specs. A slider changes the data only; the specs are made once.

Specs are plain dictionaries: building them through Altair costs its import at the first page (0.3 s) and its
validation at every chart. `tests/test_charts.py` holds them to Altair's schema instead. No streamlit here.
Colours were chosen for a contrast of 3 : 1 or more on both backgrounds (WCAG 2.2, 1.4.11); direction and part
are always told by a sign, a word or a line pattern too.
"""

from simulator.charts.agents import compaction_frame, compaction_spec
from simulator.charts.bill import components_frame, components_spec, waterfall_frame, waterfall_spec
from simulator.charts.choices import curve_spec, frontier_frame, frontier_spec, swings_frame, swings_spec
from simulator.charts.history import history_frame, history_spec
from simulator.charts.ladder import ladder_frame, ladder_spec
from simulator.charts.months import (
    band_frame,
    band_spec,
    cumulative_spec,
    lines_frame,
    lines_spec,
    months_frame,
    months_spec,
    outlook_frame,
    outlook_spec,
)
from simulator.charts.parts import (
    COMPONENT_COLORS,
    COMPONENT_TITLES,
    KIND_COLORS,
    LINE_COLORS,
    MOST_BARS,
    Spec,
    themed,
)
from simulator.charts.serving import serving_frame, serving_spec

__all__ = [
    "COMPONENT_COLORS",
    "COMPONENT_TITLES",
    "KIND_COLORS",
    "LINE_COLORS",
    "MOST_BARS",
    "Spec",
    "band_frame",
    "band_spec",
    "compaction_frame",
    "compaction_spec",
    "components_frame",
    "components_spec",
    "cumulative_spec",
    "curve_spec",
    "frontier_frame",
    "frontier_spec",
    "history_frame",
    "history_spec",
    "ladder_frame",
    "ladder_spec",
    "lines_frame",
    "lines_spec",
    "months_frame",
    "months_spec",
    "outlook_frame",
    "outlook_spec",
    "serving_frame",
    "serving_spec",
    "swings_frame",
    "swings_spec",
    "themed",
    "waterfall_frame",
    "waterfall_spec",
]
