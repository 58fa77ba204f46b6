"""`workspace`: what is kept, and all of it as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from simulator.cli.options import TableOrJson, as_json
from simulator.documents import read_text_file
from simulator.errors import InputError
from simulator.words import count, plain

if TYPE_CHECKING:
    from simulator.workspace import Workspace
    from simulator.workspace.tables import AccountRow


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
        found = _one(workspace, account)
        if not yes:
            return f"would erase {plain(found.name, 'line')} ({found.id}); add --yes"
        workspace.erase(found.id)
    finally:
        workspace.database.close()
    return f"erased {plain(found.name, 'line')}"


def _counted(rows: dict[str, int]) -> str:
    return ", ".join(f"{n} {c:,}" for n, c in rows.items() if c) or "nothing"


def grant(
    person: Annotated[str, Parameter(help="as they sign in, mostly an e-mail address")],
    /,
    *,
    role: Annotated[Literal["viewer", "planner", "admin", "none"], Parameter(help="what they may do")],
    account: Annotated[str, Parameter(help="name or id of the account; all of them by default")] = "*",
) -> str:
    """Give a person a role on an account, or take it away."""
    from simulator.workspace import open_workspace

    workspace = open_workspace()
    try:
        account_id = account if account == "*" else _one(workspace, account).id
        workspace.grant(person, account_id, None if role == "none" else role)
    finally:
        workspace.database.close()
    return (
        f"{plain(person, 'line')}: {role} on {'every account' if account == '*' else plain(account, 'line')}"
    )


def audit(
    *,
    limit: Annotated[int, Parameter(help="how many of the newest")] = 200,
    format: TableOrJson = "table",
) -> str:
    """Who changed what, and when; newest first."""
    from simulator.workspace import open_workspace

    workspace = open_workspace()
    try:
        rows = workspace.audit(limit)
    finally:
        workspace.database.close()
    if format == "json":
        names = ("who", "action", "kind", "object_id")
        return as_json([{"at": r.at.isoformat(), **{n: getattr(r, n) for n in names}} for r in rows])
    return (
        "\n".join(
            f"{r.at:%Y-%m-%d %H:%M:%S}  {plain(r.who, 'line')}  {r.action} {r.kind} {r.object_id}"
            for r in rows
        )
        or "nothing was changed yet"
    )


def plan(
    account: Annotated[str, Parameter(help="name or id of the account")],
    file: Annotated[Path, Parameter(help="the plan that `ledger keep` wrote")],
    /,
    *,
    name: Annotated[str | None, Parameter(help="its name; that of the file by default")] = None,
) -> str:
    """Keep a plan with an account: `watch` compares every newer snapshot with it."""
    from simulator.analysis import ledger
    from simulator.workspace import open_workspace

    text = read_text_file(file)
    made = ledger.from_json(text, file.name)
    workspace = open_workspace()
    try:
        account_id = _one(workspace, account).id
        workspace.manifest(account_id).refuse_other_account(made.account_ids, "the kept scenario")
        row = workspace.keep_plan(account_id, name or file.stem, text)
    finally:
        workspace.database.close()
    return f"kept {plain(row.name, 'line')} ({row.id})"


def budget(
    account: Annotated[str, Parameter(help="name or id of the account")],
    file: Annotated[Path, Parameter(help="budgets, as `budget` reads them: a CSV or JSON of AWS Budgets")],
    /,
) -> str:
    """Keep budgets with an account: `watch` says when a newer snapshot is over one."""
    from simulator.cli.budget import read_budgets
    from simulator.workspace import open_workspace

    read = read_budgets(file)
    workspace = open_workspace()
    try:
        account_id = _one(workspace, account).id
        for one in read:
            scope = {"component": ",".join(one.components), "owner": one.owner, "tag": one.tag}
            kept = {k: v for k, v in scope.items() if v}
            workspace.set_budget(account_id, one.name, dict(one.monthly_usd), kept)
    finally:
        workspace.database.close()
    return f"kept {count(len(read), 'budget')}"


def _one(workspace: Workspace, account: str) -> AccountRow:
    found = [a for a in workspace.accounts() if account in (a.name, a.id)]
    if len(found) != 1:
        raise InputError(
            f"account {account!r}: {count(len(found), 'account')} of this name; `workspace list` shows ids"
        )
    return found[0]
