"""Log groups that keep everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.services import Services
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class LogRetention(Lever):
    """Give log groups of training, endpoints and Bedrock a retention: events older than it are deleted.

    A log group that keeps events for ever grows every month. Of what it stores the share kept ÷ age stays, as if it
    had grown evenly. What is ingested costs the same: a quieter log level is the larger saving where ingestion is the
    bill. Files of data capture are objects of S3: their retention is a lifecycle rule of the bucket. A bad idea where
    an audit asks for the events: export them to S3 first.

    Source: rules.md#services; CloudWatch Logs API, PutRetentionPolicy; CloudWatch pricing (ingestion per GB,
    storage per GB-month).
    """

    id = "log_retention"
    title = "Retention of logs"
    stage = 1
    table = "services"
    effort_hours = 2.0
    reversible = False
    phase = 1

    keep_days: float = param(
        "Days for which events are kept", "days", 90.0, low=30.0, high=365.0, step=30.0, minimum=1.0, maximum=3653.0,
        grade="assumed", source="Our judgement; PutRetentionPolicy takes 1 to 3653 days",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Log groups that hold events older than what is kept."""
        t = usage.services
        return decide(
            t,
            refuse(t.kind != "logs", "Is no log group."),
            refuse(t.logs_gb == 0, "Stores nothing."),
            unsure(np.isnan(t.logs_gb), "How much it stores is unknown."),
            unsure(np.isnan(t.retention_days), "How long it keeps events is not known."),
            unsure(np.isnan(_span(t)), "Since when it has been filling is not known."),
            refuse(_span(t) <= at_setting(self.keep_days), "Holds no events older than what is kept."),
            otherwise="Keeps events longer than the retention.",
        )

    def apply(self, usage: Usage) -> Usage:
        """Stored gigabytes × days kept ÷ days held."""
        t, ok = usage.services, self.verdicts(usage).applies
        span = np.where(ok, _span(t), 1.0)
        left: Any = np.minimum(self.keep_days / span, 1.0)
        return rewritten(usage, "services", **t.scaled(("logs_gb",), left, ok))

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """Whether a log group grew evenly shows in its events alone."""
        return (Evidence(np.zeros(len(usage.services), bool), "That the log grew evenly is assumed."),)


def _span(t: Services) -> Any:
    """Days that the oldest event is old: the age of the group, or its retention where that is shorter."""
    return np.where(t.retention_days > 0, np.minimum(t.retention_days, t.age_days), t.age_days)
