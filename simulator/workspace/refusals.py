"""What the workspace refuses, for those who tell it: importing this opens no database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from simulator.workspace.tables import ScenarioRow


class Unreachable(SimulatorError):
    """The database did not answer, or could not keep what it was given: nothing of the change was kept."""


class NotThere(ValueError):
    """Nothing of that id, or nothing this person may see: the two are told apart by nobody."""


class Denied(ValueError):
    """Seen, but not allowed to be changed by this person."""


class Conflict(ValueError):
    """Somebody saved in between. `now` is the newer version, by `who` at `saved_at`."""

    def __init__(self, now: ScenarioRow, who: str, saved_at: datetime) -> None:
        super().__init__(
            f"scenario {now.name!r} was saved by {who} at {saved_at:%Y-%m-%d %H:%M} UTC (version {now.version}); "
            "your changes were not saved over it"
        )
        self.now, self.who, self.saved_at = now, who, saved_at
