"""Results in Jupyter: `%load_ext simulator.notebook`, and a result shows its tables and charts.

Nothing is fetched: a chart is Vega-Lite for front ends that draw it, and an SVG for all others. Names of an account
are text in every form, never HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from simulator import charts
from simulator.analysis.attribution import waterfall as steps_of
from simulator.analysis.projection import project
from simulator.engine.simulate import Result
from simulator.reports import tables
from simulator.reports.bundle import images, whole_spec
from simulator.words import percent, plain, usd

if TYPE_CHECKING:
    import altair

VEGALITE = "application/vnd.vegalite.v6+json"
MONTHS = 12


@dataclass(frozen=True, eq=False)
class Table:
    """A table of a result. `frame` has the figures unrounded, for going on with."""

    title: str
    frame: pd.DataFrame

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{plain(_heading(c), 'html')}</th>" for c in self.frame)
        rows = "".join(
            "<tr>" + "".join(_cell(str(c), v) for c, v in row.items()) + "</tr>"
            for row in self.frame.to_dict("records")
        )
        title = plain(self.title, "html")
        return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def __repr__(self) -> str:
        shown = {c: [_text(str(c), v) for v in self.frame[c]] for c in self.frame}
        return f"{self.title}\n{pd.DataFrame(shown).to_string(index=False)}"


@dataclass(frozen=True, eq=False)
class Chart:
    """A chart of a result. `altair` is the same as an Altair chart, to change it."""

    title: str
    frame: pd.DataFrame
    spec: charts.Spec

    @property
    def altair(self) -> altair.Chart:
        """The chart in Altair's own form."""
        import altair as alt

        made: alt.Chart = alt.Chart.from_dict(whole_spec(self.frame, self.spec))
        return made

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        whole = whole_spec(self.frame, self.spec)
        return {VEGALITE: whole, "image/svg+xml": images(whole)["svg"].decode(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{self.title} (chart)"


def by_component(result: Result) -> Table:
    """Dollars per month by component, before and after."""
    return Table("Dollars per month by component", tables.savings_table(result))


def by_lever(result: Result) -> Table:
    """What each lever saves, alone and attributed; the attributed savings add up."""
    return Table("Saving per month by lever", tables.lever_table(result))


def compared(results: Sequence[Result]) -> Table:
    """Scenarios side by side."""
    return Table("Scenarios, dollars per month", tables.compared(results))


def waterfall(result: Result) -> Chart:
    """From the baseline over every lever to the scenario."""
    frame = charts.waterfall_frame(result, steps_of(result))
    return Chart("From the baseline to the scenario", frame, charts.waterfall_spec(len(frame)))


def months(result: Result, number: int = MONTHS) -> Chart:
    """Both bills over the months to come."""
    return Chart("Bill by month", charts.months_frame(project(result, number)), charts.months_spec())


def headline(result: Result) -> str:
    """One sentence: the bill, the scenario's, the saving."""
    return (
        f"{plain(result.account.snapshot.manifest.name, 'line')}: {usd(result.baseline.total_usd)} per month, "
        f"{usd(result.outcome.total_usd)} in this scenario, saving {usd(result.saving_usd)} "
        f"({percent(result.saving_ratio)}); prices of {result.book.as_of}"
    )


def result_bundle(result: Result) -> dict[str, str]:
    """A result as a notebook shows it: the sentence, both tables, the waterfall."""
    parts = (by_component(result), by_lever(result))
    whole = whole_spec((bars := waterfall(result)).frame, bars.spec)
    picture = images(whole)["svg"].decode()
    html = f"<p>{plain(headline(result), 'html')}</p>{''.join(p._repr_html_() for p in parts)}{picture}"
    return {"text/html": html, "text/plain": "\n\n".join([headline(result), *map(repr, parts)])}


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext simulator.notebook`: the last line of a cell may be a result."""

    def shown(result: Result, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return result_bundle(result)

    shell.display_formatter.mimebundle_formatter.for_type(Result, shown)


def _heading(column: object) -> str:
    return str(column).removesuffix("_usd").removesuffix("_ratio").replace("_", " ").capitalize()


def _cell(column: str, value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    style = ' style="text-align:right"' if number else ""
    return f"<td{style}>{plain(_text(column, value), 'html')}</td>"


def _text(column: str, value: Any) -> str:
    if column.endswith("_usd") or (isinstance(value, float) and not column.endswith("_ratio")):
        return usd(value)
    return percent(value) if column.endswith("_ratio") else plain(value, "line")
