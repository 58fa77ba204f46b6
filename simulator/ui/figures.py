"""One result and what is worked out from it, each part when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from simulator.analysis.projection import Month, Worth, project, worth
from simulator.engine.calendar import calendar_of, month_start
from simulator.engine.simulate import Result
from simulator.levers.lever import Lever
from simulator.ui.words import without_cents

if TYPE_CHECKING:
    import pandas as pd

    from simulator.analysis.attribution import Credit
    from simulator.risk.bills import Risk
    from simulator.risk.tables import Drawn
    from simulator.risk.tornado import Swing

MONTHS = 12
DRAWS = 1_000
FEW_LEVERS = 6


@dataclass(eq=False)
class Figures:
    """A result; months, waterfall, credits and risk follow lazily."""

    result: Result
    unexplained_usd: float = 0.0
    mark: object = field(default_factory=object)
    """Stands for these figures where they themselves must not be held on to."""
    more_draws: Risk | None = None
    """The bill as a distribution from more draws, once a worker has made it."""
    drawn: Drawn | None = None
    """What was drawn for the figures before these, then for these: tables that no move touched are not drawn anew."""
    _toggled: dict[str, tuple[Lever, float]] = field(default_factory=dict)

    @property
    def gap_usd(self) -> float:
        """What of the bill no usage explains, per month; carried unchanged into every scenario."""
        return max(self.unexplained_usd, 0.0)

    @property
    def bill_usd(self) -> float:
        """Today's bill per month: explained and unexplained."""
        return self.result.baseline.total_usd + self.gap_usd

    def goal_usd(self, ratio: float) -> float:
        """The explained bill once this share of the whole bill is saved; below zero where no lever can reach it."""
        return self.result.baseline.total_usd - ratio * self.bill_usd

    @property
    def saving_of_bill_ratio(self) -> float:
        """Saving as a share of the whole bill; NaN without a bill."""
        return self.result.saving_usd / self.bill_usd if self.bill_usd else float("nan")

    def shown(self) -> dict[str, float]:
        """What the headline says of the scenario, per month, unexplained dollars included: kept with every save."""
        return {"bill_usd": self.bill_usd - self.result.saving_usd, "saving_usd": self.result.saving_usd}

    def toggled_usd(self, setting: Lever) -> float:
        """What turning this lever over is worth now, per month; worked out once per setting."""
        known = self._toggled.get(setting.id)
        if known is None or known[0] != setting:
            from simulator.analysis.toggled import toggled_usd

            known = self._toggled[setting.id] = (setting, toggled_usd(self.result, setting))
        return known[1]

    @cached_property
    def bill_range_words(self) -> str:
        """What the range of the whole bill assumes."""
        from simulator.analysis.answer import whole_bill_words

        unknown = sum(1 for _ in self.result.outcome.charges.unknown())
        return without_cents(whole_bill_words(self.result, self.unexplained_usd, unknown))

    @cached_property
    def acting(self) -> tuple[Lever, ...]:
        """Levers that change the bill: only they take work."""
        from simulator.engine.acting import acting

        return acting(self.result)

    @property
    def is_cheap(self) -> bool:
        """Whether work and months are quick to work out: no serving modes compete for an endpoint."""
        return not self.result.modes.cost_usd

    @property
    def is_light(self) -> bool:
        """Whether the range is quick to draw too."""
        return self.is_cheap and len(self.result.scenario.levers) <= FEW_LEVERS

    @property
    def work_hours(self) -> float:
        """Hours of work of the levers that act."""
        return sum(x.effort_hours for x in self.acting)

    @property
    def full_effect_month(self) -> int:
        """Month (1 = the first) from which every lever that acts works in full; 0 without one."""
        ramps = self.result.scenario.ramp_months
        return max((self.start_month(x) + ramps.get(x.id, x.ramp_months) for x in self.acting), default=0)

    def start_month(self, setting: Lever) -> int:
        """Month (1 = the first) from which a lever works, or would."""
        from simulator.engine.roadmap import starts

        return starts(self.result).get(setting.id) or self.result.scenario.start_month(setting)

    def month_name(self, month: int) -> str:
        """`Dec 2026`."""
        return f"{month_start(calendar_of(self.result).first, month):%b %Y}"

    @cached_property
    def steps(self) -> list[tuple[str, float]]:
        """Marginal saving of each lever in the order of application."""
        from simulator.analysis.attribution import waterfall

        return waterfall(self.result)

    @cached_property
    def credits(self) -> list[Credit]:
        """Per lever: alone, its fair share, and what leaving it out would cost."""
        from simulator.analysis.attribution import attribute

        return attribute(self.result)

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
        """The bill as a distribution, from a number of draws that is quick."""
        from simulator.risk.bills import assess
        from simulator.risk.tables import DrawnTables

        tables = DrawnTables(self.result, DRAWS, 0, "pert", like=self.drawn)
        found = assess(self.result, MONTHS, draws=DRAWS, unexplained_usd=self.unexplained_usd, tables=tables)
        self.drawn = tables.kept()
        return found

    @cached_property
    def swings(self) -> list[Swing]:
        """Which assumption moves most dollars."""
        from simulator.risk.tornado import tornado

        return tornado(self.result)
