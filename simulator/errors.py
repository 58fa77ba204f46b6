"""What can go wrong, as one tree with one root to catch: `except SimulatorError`.

    SimulatorError
    ├── InputError            what was given cannot be used; also a ValueError
    │   ├── SnapshotError     a snapshot, with all that is wrong in it (snapshot/problems.py)
    │   ├── BillError         a billing export (sources/bills/report.py)
    │   ├── DocumentError     a JSON document: scenario, kept plan, saved answer
    │   └── CollectError      a live account cannot be read: credentials, clock, roles
    │       ├── Cancelled     the caller asked to stop (collect/client/failures.py)
    │       └── NothingRead   no source could be read (collect/client/failures.py)
    ├── Unreachable           the workspace's database cannot be reached (workspace/refusals.py)
    ├── JobError              work in a process of its own failed or found no room (jobs.py)
    ├── OutputError           a place cannot be written; also an OSError
    └── PriceNotFound         no price is known; also a LookupError (pricing/book.py)

The message is for people: what, where, what was expected instead. A ValueError of the checks inside the package
(`Lever.create` and the like) is not of the tree; it is caught where the input comes in.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SimulatorError(Exception):
    """All that this package raises on purpose."""

    exit_code = 2
    """What the command line ends with: 2 bad input, 3 nothing was read."""


class InputError(SimulatorError, ValueError):
    """What was given cannot be used; nothing of it was taken."""


class DocumentError(InputError):
    """A JSON document cannot be used; the message names the document and the place in it."""


class CollectError(InputError):
    """The run cannot go on; the message says why and what to do."""


class OutputError(SimulatorError, OSError):
    """A place cannot be written; what stood there is untouched."""


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean "x"?` for a name that is nearly one of the known, else nothing."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f'; did you mean "{near[0]}"?' if near else ""
