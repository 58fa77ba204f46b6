"""The headline of every page: today's bill, the scenario's, what is saved, how sure, for how much work, by when."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simulator.engine.scenario import Scenario
from simulator.ui import session
from simulator.ui.board.component import draw_headline
from simulator.ui.figures import Figures
from simulator.ui.words import percent, thousands, whole_usd
from simulator.words import is_known

LAST_RANGE, LAST_WHOLE, LAST_WORK = "headline_range", "headline_whole_bill", "headline_work"


def show(*, quick: bool) -> None:
    """Stays in view. `quick`: the range is that of before and pale, until the browser asks for the new one."""
    with st.container(key="sticky"):
        draw_headline(data(session.figures(), quick=quick))


def data(figures: Figures, *, quick: bool) -> dict[str, Any]:
    """What the headline says."""
    result = figures.result
    gap, saving = max(figures.unexplained_usd, 0.0), result.saving_usd
    today, scenario = result.baseline.total_usd + gap, result.outcome.total_usd + gap
    top = max(today, scenario, 1.0) / 100
    return {
        "theme": "dark" if st.context.theme.type == "dark" else "light",
        "figures": [
            {"label": "Today, per month", "value": whole_usd(today), "help": _gap(gap)},
            {"label": "Scenario, per month", "value": whole_usd(scenario), "help": _gap(gap)},
            _saving(saving, figures.saving_of_bill_ratio),
            _range(figures, quick and not figures.is_light),
            *_work(figures, quick and not figures.is_cheap),
        ],
        "alt": f"From {whole_usd(today)} to {whole_usd(scenario)} per month. {_gap(gap)}",
        "tracks": [
            [["gap", 0, gap / top], ["today", gap / top, today / top]],
            [["gap", 0, gap / top], ["scenario", gap / top, scenario / top]],
        ],
        "assumed": _assumed(result.scenario),
    }


def _assumed(scenario: Scenario) -> str:
    names = [x.title for x in scenario.ordered() if x.assumes]
    return f"Assumed until somebody answers: missing facts of {', '.join(names)}." if names else ""


def _gap(gap: float) -> str:
    return f"{whole_usd(gap)} of it are unexplained and carried unchanged." if gap >= 0.5 else ""


def _saving(saving: float, ratio: float) -> dict[str, Any]:
    label = "Extra cost per month" if saving <= -0.005 else "Saving per month"
    share = f" ({percent(abs(ratio))} of the bill)" if is_known(ratio) and abs(saving) >= 0.005 else ""
    kind = "saves" if saving >= 0.005 else "costs" if saving <= -0.005 else ""
    return {"label": label, "value": f"{whole_usd(abs(saving))}{share}", "cls": kind}


def _range(figures: Figures, quick: bool) -> dict[str, Any]:
    if not quick:
        found = figures.risk.saving_range
        low, high = thousands(float(found.p10_usd)), thousands(float(found.p90_usd))
        st.session_state[LAST_RANGE] = f"{low} to {high}" if figures.result.scenario.levers else "–"
        st.session_state[LAST_WHOLE] = _whole_bill(figures)
    told = st.session_state.get(LAST_RANGE, "–")
    words = f"8 in 10 futures save between these. {st.session_state.get(LAST_WHOLE, '')}".strip()
    return {"label": "Likely saving", "value": told, "cls": "small", "stale": quick, "help": words}


def _whole_bill(figures: Figures) -> str:
    """The range of the whole bill: what no usage explains is in it, and what is unknown is named."""
    whole = figures.risk.whole_range
    low, high = whole_usd(float(whole.p10_usd)), whole_usd(float(whole.p90_usd))
    return f"The bill is then {low} to {high}. {figures.bill_range_words}"


def _work(figures: Figures, quick: bool) -> list[dict[str, Any]]:
    if not quick:
        month = figures.full_effect_month
        full = figures.month_name(month) if month else "–"
        st.session_state[LAST_WORK] = (f"{figures.work_hours:,.0f} h", full)
    hours, full = st.session_state.get(LAST_WORK, ("–", "–"))
    return [
        {"label": "Work", "value": hours, "cls": "small", "later": True, "stale": quick},
        {"label": "Full effect", "value": full, "cls": "small", "later": True, "stale": quick},
    ]
