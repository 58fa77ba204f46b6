"""`workspace`: what is kept, and all of it as one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from simulator.cli.options import TableOrJson, as_json
from simulator.errors import InputError
from simulator.words import count, plain


def list_(
    *, words: Annotated[str, Parameter(help="part of the name")] = "", format: TableOrJson = "table"
) -> str:
    """Accounts, scenarios, plans and budgets that are kept, newest first."""
    from simulator.workspace import open_workspace

    workspace = open_workspace()
    try:
        found = workspace.search(words)
    finally:
        workspace.database.close()
    if format == "json":
        return as_json([{**vars(f), "created_at": f.created_at.isoformat()} for f in found])
    return (
        "\n".join(f"{f.created_at:%Y-%m-%d}  {f.kind:<9} {f.id}  {plain(f.name, 'line')}" for f in found)
        or "nothing is kept"
    )


def export(out: Annotated[Path, Parameter(help="the .zip to write")], /) -> str:
    """Write everything that is kept into one file: a backup, or to move to another server."""
    from simulator.workspace import open_workspace
    from simulator.workspace.archive import export as written

    workspace = open_workspace()
    try:
        rows = written(workspace, out)
    finally:
        workspace.database.close()
    return f"wrote {out}: {_counted(rows)}"


def import_(file: Annotated[Path, Parameter(help="the .zip that `workspace export` wrote")], /) -> str:
    """Read such a file into this workspace. What is here already is never overwritten."""
    from simulator.workspace import open_workspace
    from simulator.workspace.archive import restore

    workspace = open_workspace()
    try:
        rows = restore(workspace, file)
    finally:
        workspace.database.close()
    return f"read {file}: {_counted(rows)}"


def erase(
    account: Annotated[str, Parameter(help="name or id of the account")],
    /,
    *,
    yes: Annotated[bool, Parameter(help="really erase; without it nothing happens", negative=())] = False,
) -> str:
    """Erase an account with its snapshots, scenarios, plans and budgets, for good."""
    from simulator.workspace import open_workspace

    workspace = open_workspace()
    try:
        found = [a for a in workspace.accounts() if account in (a.name, a.id)]
        if len(found) != 1:
            raise InputError(
                f"workspace erase {account}: {count(len(found), 'account')} of this name; give the id"
            )
        if not yes:
            return f"would erase {plain(found[0].name, 'line')} ({found[0].id}); add --yes"
        workspace.erase(found[0].id)
    finally:
        workspace.database.close()
    return f"erased {plain(found[0].name, 'line')}"


def _counted(rows: dict[str, int]) -> str:
    return ", ".join(f"{n} {c:,}" for n, c in rows.items() if c) or "nothing"
