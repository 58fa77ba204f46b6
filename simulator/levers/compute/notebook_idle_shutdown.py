"""Shut down idle notebooks and Studio apps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import (
    APPLIES,
    Evidence,
    Lever,
    Rule,
    Verdicts,
    at_setting,
    decide,
    refuse,
    rewritten,
    unsure,
)
from simulator.params import param
from simulator.units import MINUTES_PER_HOUR
from simulator.usage.compute import clock_shape
from simulator.usage.tables import Compute, Usage

INTERACTIVE_METERS = ("notebook_hours", "studio_hours")


@dataclass(frozen=True)
class NotebookIdleShutdown(Lever):
    """Stop notebooks and Studio apps when nobody has used them for a while.

    Of each idle spell only the timeout is paid: idle hours × max(0, 1 − timeout ÷ length of a spell) become
    zero, those outside office hours first. Volumes stay and are billed on. Studio: IdleSettings of the domain,
    60 to 525,600 minutes, for JupyterLab and Code Editor; notebook instances need a lifecycle script. A bad
    idea where people leave long runs in a notebook: what looks idle may compute.

    Source: rules.md#notebooks-and-studio; SageMaker API, IdleSettings.IdleTimeoutInMinutes.
    """

    id = "notebook_idle_shutdown"
    title = "Shut down idle notebooks"
    stage = 6
    table = "compute"
    effort_hours = 4.0
    phase = 1

    timeout_minutes: float = param(
        "Idle minutes before shutdown", "minutes", 120.0, step=60.0, minimum=60.0, maximum=525_600.0,
        grade="official", source="SageMaker API, IdleTimeoutInMinutes: 60 to 525,600",
    )  # fmt: skip
    spell_hours: float = param(
        "Length of an idle spell", "hours", 14.0, low=4.0, high=48.0, step=1.0, minimum=1.0, maximum=168.0,
        grade="assumed", source="Our judgement: a night between two working days, at most a weekend",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Notebooks and apps with measured idle hours."""
        t = usage.compute
        return decide(
            t,
            *interactive_only(t),
            unsure(np.isnan(t.idle_hours), "Its idle hours were not measured."),
            refuse(t.idle_hours == 0, "Was never idle."),
            Rule(t.kind == "studio", APPLIES, "Runs idle: set IdleSettings of the Studio domain."),
            otherwise="Runs idle: needs a lifecycle script that stops it.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Idle hours beyond the timeout become zero."""
        t, ok = usage.compute, self.verdicts(usage).applies
        return rewritten(usage, "compute", **without_hours(t, t.idle_hours * self.saved_ratio(), ok))

    def saved_ratio(self) -> Any:
        """Share of an idle spell that lies beyond the timeout."""
        return np.maximum(0.0, 1 - self.timeout_minutes / MINUTES_PER_HOUR / self.spell_hours)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The spells themselves, which a snapshot adds up to idle hours."""
        nowhere = np.zeros(len(usage.compute), bool)
        return (Evidence(nowhere, "How long its idle spells last is assumed."),)


def interactive_only(t: Compute) -> tuple[Rule, ...]:
    """Notebooks and apps with known hours that are left; jobs end by themselves."""
    return (
        refuse(~t.interactive, "A processing or transform job ends by itself."),
        unsure(np.isnan(t.metered_hours), "Its running hours are unknown."),
        refuse(interactive_hours(t) == 0, "Has no hours left in this scenario."),
    )


def interactive_hours(t: Compute) -> NDArray[np.float64]:
    """Billed hours of notebooks and Studio apps."""
    return t.notebook_hours + t.studio_hours


def without_hours(t: Compute, hours: Any, rows: NDArray[np.bool_]) -> dict[str, Any]:
    """Meters and profile of the chosen rows after `hours` of them end; volumes run on.

    What is left follows from how much is left alone (see `clock_shape`), not from the lever that took it.
    """
    running = interactive_hours(t)
    left = 1 - np.clip(hours / np.where(running > 0, running, 1.0), 0.0, 1.0)
    remaining = at_setting(running * left)
    profile = t.profile.with_shape(rows, lambda: clock_shape(t, rows, remaining))
    return {"profile": profile, **t.scaled(INTERACTIVE_METERS, left, rows)}
