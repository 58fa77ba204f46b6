"""Services beside the models, into `services`: log groups, file systems of Studio and of training, MLflow servers.

Vector stores, Canvas sessions and the Feature Store come from the bill alone: AWS lists no hours of theirs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from simulator.aws.service_types import SAGEMAKER_TAG
from simulator.sources.collect.client.reader import LOWER, Paging, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.notebooks import hours_since
from simulator.sources.collect.services.tags import as_dict, owner
from simulator.units import BYTES_PER_GIB

LOG_PREFIXES = ("/aws/sagemaker", "/aws/bedrock")
MARKER = Paging(("NextMarker",), ("Marker",))
DOWN = ("Stop", "Delet", "Fail", "Creating")
MS_PER_SECOND = 1000.0
Row = dict[str, Any]


class Beside:
    """Reads the services of one place."""

    def __init__(self, reader: Reader, tables: Tables) -> None:
        self.reader, self.tables, self.place = reader, tables, reader.place

    def read_logs(self) -> int:
        """Log groups of SageMaker and Bedrock: bytes stored, retention, creation."""
        rows: list[Row] = []
        for prefix in LOG_PREFIXES:
            for page in self.reader.pages(
                "logs", "DescribeLogGroups", "logGroups", LOWER, logGroupNamePrefix=prefix, limit=50
            ):
                rows += [self._log_group(g) for g in page["logGroups"]]
        return self.tables.write("services", rows)

    def read_efs(self) -> int:
        """File systems that SageMaker made for a Studio domain; gives how many."""
        rows = [
            self._efs(f)
            for page in self.reader.pages("efs", "DescribeFileSystems", "FileSystems", MARKER, MaxItems=100)
            for f in page["FileSystems"]
            if SAGEMAKER_TAG in as_dict(f.get("Tags", ()))
        ]
        return self.tables.write("services", rows)

    def read_fsx(self) -> int:
        """File systems of FSx for Lustre; gives how many."""
        rows = [
            self._lustre(f)
            for page in self.reader.pages("fsx", "DescribeFileSystems", "FileSystems", MaxResults=100)
            for f in page["FileSystems"]
            if f.get("FileSystemType") == "LUSTRE"
        ]
        return self.tables.write("services", rows)

    def read_mlflow(self) -> int:
        """MLflow servers that run now; gives how many exist."""
        listed = self.reader.items(
            "sagemaker",
            "ListMlflowTrackingServers",
            "TrackingServerSummaries",
            "TrackingServerName",
            MaxResults=100,
        )
        running = [s for s in listed if not any(w in str(s.get("TrackingServerStatus", "")) for w in DOWN)]
        for server, described in self.reader.each(running, self._describe):
            self.tables.write("services", [self._server(server, described or {})])
        if len(running) < len(listed):
            stopped = len(listed) - len(running)
            self.reader.say(
                f"{stopped:,} MLflow servers do not run now: hours they ran in the window are unknown."
            )
        return len(listed)

    def _describe(self, server: Row) -> Row:
        name = server["TrackingServerName"]
        return self.reader.attempt("sagemaker", "DescribeMlflowTrackingServer", TrackingServerName=name) or {}

    def _server(self, server: Row, described: Row) -> Row:
        started = server.get("CreationTime")
        return {
            **self.place.base,
            "kind": "mlflow",
            "name": server["TrackingServerName"],
            "size": described.get("TrackingServerSize"),
            "unit_hours": hours_since(started, self.place),
            "created_at": started,
        }

    def _log_group(self, group: Row) -> Row:
        created = group.get("creationTime")
        return {
            **self.place.base,
            "kind": "logs",
            "name": group["logGroupName"],
            "gib": None if group.get("storedBytes") is None else group["storedBytes"] / BYTES_PER_GIB,
            "retention_days": group.get("retentionInDays", 0),
            "created_at": None if created is None else datetime.fromtimestamp(created / MS_PER_SECOND, UTC),
        }

    def _efs(self, system: Row) -> Row:
        size, tags = system.get("SizeInBytes") or {}, as_dict(system.get("Tags", ()))
        return {
            **self.place.base,
            "kind": "efs",
            "name": system["FileSystemId"],
            "size": "elastic" if system.get("ThroughputMode") == "elastic" else "",
            "gib": None if size.get("Value") is None else size["Value"] / BYTES_PER_GIB,
            "cold_gib": None if size.get("ValueInIA") is None else size["ValueInIA"] / BYTES_PER_GIB,
            "created_at": system.get("CreationTime"),
            "tags": tags,
            "owner": owner(tags),
        }

    def _lustre(self, system: Row) -> Row:
        lustre, tags = system.get("LustreConfiguration") or {}, as_dict(system.get("Tags", ()))
        kind, speed = lustre.get("DeploymentType", ""), lustre.get("PerUnitStorageThroughput")
        linked = str((lustre.get("DataRepositoryConfiguration") or {}).get("ImportPath", ""))
        return {
            **self.place.base,
            "kind": "fsx_lustre",
            "name": system["FileSystemId"],
            "size": f"{kind}-{speed}" if speed else kind,
            "gib": system.get("StorageCapacity"),
            "unit_hours": hours_since(system.get("CreationTime"), self.place),
            "created_at": system.get("CreationTime"),
            "in_s3": True if linked.startswith("s3://") else None,
            "tags": tags,
            "owner": owner(tags),
        }
