"""One result and what is worked out from it, each part when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from simulator.analysis.projection import Month, Worth, project, worth
from simulator.engine.simulate import Result

if TYPE_CHECKING:
    import pandas as pd

    from simulator.risk.bills import Risk
    from simulator.risk.tornado import Swing

MONTHS = 12
DRAWS = 1_000


@dataclass(eq=False)
class Figures:
    """A result; months, waterfall, credits and risk follow lazily."""

    result: Result

    @cached_property
    def steps(self) -> list[tuple[str, float]]:
        """Marginal saving of each lever in the order of application."""
        from simulator.analysis.attribution import waterfall

        return waterfall(self.result)

    @cached_property
    def marginal_usd(self) -> dict[str, float]:
        """The same by lever."""
        return dict(self.steps)

    @cached_property
    def levers(self) -> pd.DataFrame:
        """Savings by lever, alone and attributed."""
        from simulator.reports.tables import lever_table

        return lever_table(self.result)

    @cached_property
    def months(self) -> list[Month]:
        """The projection."""
        return project(self.result, MONTHS)

    @cached_property
    def worth(self) -> Worth:
        """Payback and present value."""
        return worth(self.months, self.result.scenario.planning.interest_ratio)

    @cached_property
    def risk(self) -> Risk:
        """The bill as a distribution."""
        from simulator.risk.bills import assess

        return assess(self.result, MONTHS, draws=DRAWS)

    @cached_property
    def swings(self) -> list[Swing]:
        """Which assumption moves most dollars."""
        from simulator.risk.tornado import tornado

        return tornado(self.result)
