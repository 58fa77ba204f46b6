"""The whole workspace as one .zip: export, backup, import into another database, restore. The same code does all four.

Tables are JSON, snapshots are the .zip files `save_snapshot` writes; an import checks them again. Nothing is
overwritten: what has an id that is here already is refused, and with it the whole file.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeDecorator

from simulator.documents import DAMAGED_ZIP, opened_beside, parse
from simulator.errors import InputError
from simulator.scratch import ScratchFolder
from simulator.snapshot.snapshot import Snapshot, load_snapshot, save_snapshot
from simulator.words import json_text
from simulator.workspace.tables import Base, SnapshotRow
from simulator.workspace.workspace import Workspace

FORMAT = 1
MANIFEST = "workspace.json"
MOST_BYTES = 2 * 2**30
MOST_TABLE_BYTES = 256 * 2**20
DAMAGED = (*DAMAGED_ZIP, OSError, ValueError)


def export(workspace: Workspace, path: Path) -> dict[str, int]:
    """Write everything; rows by table. Admins of every account only. The file appears whole or not at all.

    Raises OutputError where it cannot be written.
    """
    workspace.audit(1)  # refuses whoever is no admin of every account
    rows: dict[str, list[dict[str, Any]]] = {}
    with workspace.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows[table.name] = [_out(r) for r in session.execute(select(table)).mappings()]
        fingerprints = sorted(set(session.scalars(select(SnapshotRow.fingerprint))))
    with opened_beside(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in rows.items():
            archive.writestr(f"tables/{name}.json", json_text(content))
        for fingerprint in fingerprints:
            archive.writestr(f"snapshots/{fingerprint}.zip", _packed(workspace.store.read(fingerprint)))
        archive.writestr(
            MANIFEST, json_text({"format": FORMAT, "rows": {k: len(v) for k, v in rows.items()}})
        )
    return {name: len(content) for name, content in rows.items()}


def restore(workspace: Workspace, path: Path) -> dict[str, int]:
    """Read an export into this workspace; rows by table. Raises InputError: nothing of it is then taken."""
    workspace.audit(1)
    with _opened(path) as archive:
        names = _members(archive, path.name)
        manifest = _json(archive, names[MANIFEST]) if MANIFEST in names else None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise InputError(f"{path.name}: not an export of a workspace (format {FORMAT})")
        tables = {
            t.name: _rows(archive, names[member])
            for t in Base.metadata.sorted_tables
            if (member := f"tables/{t.name}.json") in names
        }
        snapshots = [n for n in names if n.startswith("snapshots/")]
        for name in snapshots:
            _snapshot(archive, names[name])
        new: list[str] = []
        try:
            for name in snapshots:
                snapshot = _snapshot(archive, names[name])
                if not workspace.store.has(snapshot.fingerprint()):
                    new.append(workspace.store.write(snapshot))
            _insert(workspace, tables, path.name)
        except BaseException:
            for fingerprint in new:
                workspace.store.remove(fingerprint)
            raise
    return {name: len(rows) for name, rows in tables.items()}


def _insert(workspace: Workspace, tables: dict[str, Any], name: str) -> None:
    try:
        with workspace.database.session() as session:
            for table in Base.metadata.sorted_tables:
                rows = [_in(table, row) for row in tables.get(table.name, ())]
                if table.name == "audit":
                    rows = [{k: v for k, v in row.items() if k != "id"} for row in rows]
                elif rows and "id" in table.c:
                    ids = [row.get("id") for row in rows]
                    here = session.scalars(select(table.c.id).where(table.c.id.in_(ids))).first()
                    if here is not None:
                        raise InputError(f"{name}: {table.name} {here} is here already; nothing was taken")
                if rows:
                    session.execute(insert(table), rows)
    except InputError:
        raise
    except (SQLAlchemyError, ValueError, TypeError, OverflowError) as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise InputError(
            f"{name}: its rows do not fit this workspace ({said[:200]}); nothing was taken"
        ) from None


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        if not path.is_file():
            raise OSError
        return zipfile.ZipFile(path)
    except DAMAGED:
        raise InputError(f"{path.name}: cannot be read as an export of a workspace") from None


def _members(archive: zipfile.ZipFile, name: str) -> dict[str, zipfile.ZipInfo]:
    """The files in it by name; a name twice, and more than the limit of bytes, are refused."""
    members = archive.infolist()
    found = {i.filename: i for i in members}
    if len(found) < len(members):
        raise InputError(f"{name}: a file appears twice in it")
    if sum(i.file_size for i in members) > MOST_BYTES:
        raise InputError(f"{name}: unpacks to more than {MOST_BYTES / 2**30:g} GiB")
    return found


def _bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > MOST_TABLE_BYTES:
        raise InputError(f"{info.filename}: more than {MOST_TABLE_BYTES // 2**20} MiB")
    try:
        return archive.read(info)
    except DAMAGED:
        raise InputError(f"{info.filename}: damaged or locked") from None


def _json(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
    return parse(_bytes(archive, info), info.filename, MOST_TABLE_BYTES)


def _rows(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> list[dict[str, Any]]:
    rows = _json(archive, info)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{info.filename}: expected a list of rows")
    return rows


def _snapshot(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Snapshot:
    snapshot = load_snapshot(io.BytesIO(_bytes(archive, info)))
    if f"snapshots/{snapshot.fingerprint()}.zip" != info.filename:
        raise InputError(f"{info.filename}: its content is not what its name says")
    return snapshot


def _packed(snapshot: Snapshot) -> bytes:
    with ScratchFolder() as folder:
        file = folder.path / "snapshot.zip"
        save_snapshot(snapshot, file)
        return file.read_bytes()


def _out(row: Any) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}


def _in(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Texts of times as times; a column this version does not know is refused by the database."""
    times = {c.name for c in table.columns if isinstance(_plain_type(c.type), DateTime)}
    return {k: datetime.fromisoformat(v) if k in times and v is not None else v for k, v in row.items()}


def _plain_type(kind: Any) -> Any:
    return kind.impl if isinstance(kind, TypeDecorator) else kind
