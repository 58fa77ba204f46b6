"""Servers, sessions and training file systems that run idle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.levers.lever import APPLIES, Evidence, Lever, Rule, Verdicts, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.services import FSX_METERS, HOUR_METERS
from simulator.usage.tables import Usage

STOPPABLE = ("mlflow", "canvas", "fsx_lustre")


@dataclass(frozen=True)
class IdleServices(Lever):
    """Stop MLflow servers and Canvas sessions, and delete training file systems, while nobody uses them.

    Of the measured idle hours the reached share becomes zero. An MLflow server is stopped and started again, its runs
    stay; a Canvas session ends by logging out (closing the browser does not end it) or by idle shutdown; a file system
    of FSx for Lustre is deleted after a job and created again from S3 before the next, which takes some minutes and
    reads the data again. A bad idea where people would wait for the server every morning, and never for a file system
    whose files are nowhere else.

    Source: rules.md#services; SageMaker API, StopMlflowTrackingServer; SageMaker developer guide, canvas-manage-cost;
    FSx for Lustre user guide, data repositories.
    """

    id = "idle_services"
    title = "Stop idle services"
    stage = 6
    table = "services"
    effort_hours = 8.0
    phase = 2

    reached_ratio: float = param(
        "Share of the idle hours that is given back", "ratio", 0.7, low=0.4, high=0.9, step=0.05, grade="assumed",
        source="Our judgement: short gaps stay, and somebody forgets",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Servers, sessions and file systems with measured idle hours."""
        t = usage.services
        running = t.hours_before
        lustre = t.kind == "fsx_lustre"
        return decide(
            t,
            refuse(~np.isin(t.kind, STOPPABLE), "Cannot be stopped and started: it is kept or deleted."),
            refuse(lustre & (t.in_s3 == 0), "Its files are nowhere else: deleting it would lose them."),
            refuse(running == 0, "Did not run."),
            unsure(np.isnan(running), "How long it ran is unknown."),
            unsure(np.isnan(t.idle_hours), "Its idle hours were not measured."),
            refuse(t.idle_hours == 0, "Was never idle."),
            unsure(lustre & np.isnan(t.in_s3), "Whether its files are in S3 too is not known."),
            Rule(lustre, APPLIES, "Stands idle between jobs, and its files are in S3 too."),
            otherwise="Runs while nobody uses it.",
        )

    def apply(self, usage: Usage) -> Usage:
        """The reached share of the idle hours ends, and with it what is billed for them."""
        t, ok = usage.services, self.verdicts(usage).applies
        idle = np.where(ok, t.idle_hours, 0.0) / np.where(t.hours_before > 0, t.hours_before, 1.0)
        left = 1.0 - np.clip(idle, 0.0, 1.0) * self.reached_ratio
        names = tuple(n for n in HOUR_METERS if n != "ocu_hours") + FSX_METERS
        return rewritten(usage, "services", **t.scaled(names, left, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """The gaps, which a snapshot adds up to idle hours."""
        return (Evidence(np.zeros(len(usage.services), bool), "How long its idle gaps last is assumed."),)
