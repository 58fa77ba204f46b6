"""What is to be collected, and how progress is told."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

REGION = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-\d{1,2}")
ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/.+")
MAX_DAYS = 90
"""CloudWatch keeps hourly sums for 455 days; more than three months says little about today."""


@dataclass(frozen=True)
class CollectOptions:
    """One run. Empty regions: the region of the profile. No roles: the account of the credentials themselves.

    `organization_role` is the name of a role to assume in every active account of the organization.
    `parallel` calls run at once per account and region, `places_at_once` accounts × regions at once.
    `store` is the folder of the resume store; `now` replaces the clock. `prices_out` names a CSV for today's list
    prices of the types in use. Raises ValueError on impossible values.
    """

    regions: tuple[str, ...] = ()
    profile: str | None = None
    role_arns: tuple[str, ...] = ()
    organization_role: str = ""
    days: int = 30
    name: str = ""
    cost_explorer: bool = True
    max_cost_requests: int = 6
    bucket_pattern: str = ""
    parallel: int = 4
    places_at_once: int = 4
    connect_timeout_seconds: float = 10.0
    read_timeout_seconds: float = 60.0
    resume: bool = True
    store: Path | None = None
    prices_out: Path | None = None
    now: datetime | None = None

    def __post_init__(self) -> None:
        for region in self.regions:
            if not REGION.fullmatch(region):
                raise ValueError(f"region {region!r}: expected an AWS region code such as us-west-2")
        for arn in self.role_arns:
            if not ROLE_ARN.fullmatch(arn):
                raise ValueError(f"role {arn!r}: expected arn:aws:iam::<12 digits>:role/<name>")
        if not 1 <= self.days <= MAX_DAYS:
            raise ValueError(f"days {self.days}: expected 1 to {MAX_DAYS}")
        if not (1 <= self.parallel <= 16 and 1 <= self.places_at_once <= 16):
            raise ValueError("parallel and places_at_once: expected 1 to 16")
        try:
            re.compile(self.bucket_pattern)
        except re.error as error:
            raise ValueError(f"bucket pattern {self.bucket_pattern!r}: {error}") from error

    def window(self) -> tuple[datetime, datetime]:
        """Start and (exclusive) end: whole days of 24 hours up to the last full hour, UTC."""
        now = (self.now or datetime.now(UTC)).astimezone(UTC)
        end = now.replace(minute=0, second=0, microsecond=0)
        return end - timedelta(days=self.days), end

    def store_folder(self) -> Path:
        """Where answers are kept for a resumed run."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return self.store or cache / "ml-spend-simulator" / "collect"

    def target(self) -> str:
        """What is read, as one text: runs with the same target may continue each other."""
        parts = (
            ("profile", self.profile or os.environ.get("AWS_PROFILE", "")),
            ("endpoint", os.environ.get("AWS_ENDPOINT_URL", "")),
            ("regions", ",".join(sorted(self.regions))),
            ("roles", ",".join(sorted(self.role_arns)) + self.organization_role),
            ("days", str(self.days)),
            ("buckets", self.bucket_pattern),
        )
        return "; ".join(f"{name} {value}" for name, value in parts)


@dataclass(frozen=True)
class Progress:
    """What is being read: `done` of `total` (None unknown) things of it; `ratio` of the whole run, 0–1."""

    reading: str
    done: int
    total: int | None
    ratio: float
    seconds_left: float | None

    def __str__(self) -> str:
        of = f" of {self.total:,}" if self.total else ""
        counted = f", {self.done:,}{of}" if self.done or self.total else ""
        left = f", about {self.seconds_left:,.0f} s left" if self.seconds_left is not None else ""
        return f"{self.ratio:4.0%} {self.reading}{counted}{left}"


Listener = Callable[[Progress], None]
