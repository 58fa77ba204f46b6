"""Notebook instances and Studio apps, into `compute`.

AWS has no API for hours used (rules.md): what runs now has run at least since it was last started; how long
something ran before that is unknown, and what is stopped now is left out and reported.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from simulator.sources.collect.client.reader import Place, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.tags import TagBook

RUNNING = ("InService", "Updating", "Pending", "Stopping", "Deleting")
FREE_TYPE = "system"
STATUS = {"PendingMaintenance": "InService", "InMaintenance": "Updating"}
Row = dict[str, Any]


class Notebooks:
    """Reads notebook instances and Studio apps of one place."""

    def __init__(self, reader: Reader, tables: Tables, tags: TagBook) -> None:
        self.reader, self.tables, self.tags = reader, tables, tags
        self.place: Place = reader.place
        self._volumes: dict[tuple[str, str], float] = {}

    def read_instances(self) -> int:
        """Notebook instances that run now; gives how many exist."""
        listed = self.reader.items(
            "sagemaker", "ListNotebookInstances", "NotebookInstances", "NotebookInstanceName", MaxResults=100
        )
        rows = [
            self._instance(n)
            for n in listed
            if n.get("NotebookInstanceStatus") in RUNNING or n.get("NotebookInstanceStatus") in STATUS
        ]
        self._say_lower_bound("notebook instances", len(rows), len(listed) - len(rows))
        self.tables.write("compute", rows)
        return len(listed)

    def _instance(self, notebook: Row) -> Row:
        started = notebook.get("LastModifiedTime") or notebook.get("CreationTime")
        status = notebook["NotebookInstanceStatus"]
        return {
            **self.place.base,
            **self.tags.columns(notebook["NotebookInstanceArn"]),
            "kind": "notebook",
            "name": notebook["NotebookInstanceName"],
            "instance_type": notebook.get("InstanceType"),
            "instance_count": 1,
            "hours": hours_since(started, self.place),
            "started_at": started,
            "status": STATUS.get(status, status),
        }

    def read_spaces(self) -> int:
        """Volumes of Studio spaces, for the apps that use them; gives how many spaces exist."""
        count = 0
        for page in self.reader.pages("sagemaker", "ListSpaces", "Spaces", MaxResults=100):
            for space in page["Spaces"]:
                count += 1
                ebs = (
                    space.get("SpaceSettingsSummary", {})
                    .get("SpaceStorageSettings", {})
                    .get("EbsStorageSettings")
                )
                if ebs:
                    self._volumes[space["DomainId"], space["SpaceName"]] = ebs["EbsVolumeSizeInGb"]
        return count

    def read_apps(self) -> int:
        """Studio apps on their own instances; gives the number of rows."""
        apps = []
        for page in self.reader.pages("sagemaker", "ListApps", "Apps", MaxResults=100):
            apps += [a for a in page["Apps"] if a.get("Status") in RUNNING and _type(a) != FREE_TYPE]
        rows: list[Row] = []
        for app, described in self.reader.each(apps, self._describe):
            self.reader.progress(len(rows), len(apps))
            if described is not None:
                row = self._app(app, described)
                if row["instance_type"] and row["instance_type"] != FREE_TYPE:
                    rows.append(row)
        self._say_lower_bound("Studio apps", len(rows), 0)
        return self.tables.write("compute", rows)

    def _describe(self, app: Row) -> Row:
        names = ("DomainId", "AppType", "AppName", "UserProfileName", "SpaceName")
        return (
            self.reader.attempt("sagemaker", "DescribeApp", **{n: app[n] for n in names if app.get(n)}) or {}
        )

    def _app(self, app: Row, described: Row) -> Row:
        started = app.get("CreationTime")
        active = described.get("LastUserActivityTimestamp")
        hours = hours_since(started, self.place)
        user = app.get("SpaceName") or app.get("UserProfileName") or ""
        return {
            **self.place.base,
            **self.tags.columns(described.get("AppArn", "")),
            "kind": "studio",
            "name": "/".join(filter(None, (app["DomainId"], user, app["AppType"], app["AppName"]))),
            "instance_type": _type(described) or _type(app),
            "instance_count": 1,
            "hours": hours,
            "idle_hours": None if active is None else min(hours_since(active, self.place), hours),
            "started_at": started,
            "last_activity_at": active,
            "status": app["Status"],
            "volume_gb": self._volumes.get((app["DomainId"], app.get("SpaceName", ""))),
        }

    def _say_lower_bound(self, what: str, running: int, stopped: int) -> None:
        if running:
            self.reader.say(
                f"{running:,} {what}: hours are counted since the last start; earlier hours are unknown."
            )
        if stopped:
            self.reader.say(
                f"{stopped:,} {what} are stopped now: hours they ran in the window are unknown, left out."
            )


def hours_since(moment: datetime | None, place: Place) -> float:
    """Hours of the window after a moment; all of them when it is unknown or older."""
    if moment is None or moment <= place.start:
        return float(place.hours)
    return max((place.end - moment).total_seconds() / 3600, 0.0)


def _type(app: Row) -> str:
    return str((app.get("ResourceSpec") or {}).get("InstanceType") or "")
