"""S3 buckets of a region: size by storage class, lifecycle, versions, unfinished uploads. No object is read.

Sizes come from CloudWatch AWS/S3, once a day by StorageType: the newest point of three days, the types of one
class summed (rules.md#storage-levers). Metadata that archives keep in Standard is counted as Standard.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from simulator.sources.collect.client.failures import Failure, Gone, SourceFailed
from simulator.sources.collect.client.reader import Paging, Place, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.metrics import DAY, Metric, MetricReader, Series
from simulator.sources.collect.services.tags import as_dict, owner

BYTES_PER_GIB = 2**30
NAMESPACE = "AWS/S3"
STORAGE_TYPES = {
    "STANDARD": ("StandardStorage", "GlacierS3ObjectOverhead", "DeepArchiveS3ObjectOverhead",
                 "IntAAS3ObjectOverhead", "IntDAAS3ObjectOverhead", "GlacierStagingStorage",
                 "DeepArchiveStagingStorage"),
    "STANDARD_IA": ("StandardIAStorage", "StandardIASizeOverhead"),
    "ONEZONE_IA": ("OneZoneIAStorage", "OneZoneIASizeOverhead"),
    "GLACIER_IR": ("GlacierInstantRetrievalStorage", "GlacierIRSizeOverhead"),
    "GLACIER": ("GlacierStorage", "GlacierObjectOverhead"),
    "DEEP_ARCHIVE": ("DeepArchiveStorage", "DeepArchiveObjectOverhead"),
    "INTELLIGENT_TIERING_FA": ("IntelligentTieringFAStorage",),
    "INTELLIGENT_TIERING_IA": ("IntelligentTieringIAStorage",),
    "INTELLIGENT_TIERING_AIA": ("IntelligentTieringAIAStorage",),
    "INTELLIGENT_TIERING_AA": ("IntelligentTieringAAStorage", "IntAAObjectOverhead"),
    "INTELLIGENT_TIERING_DAA": ("IntelligentTieringDAAStorage", "IntDAAObjectOverhead"),
    "EXPRESS_ONEZONE": ("ExpressOneZoneStorage",),
    "REDUCED_REDUNDANCY": ("ReducedRedundancyStorage",),
}  # fmt: skip
METRICS_PER_BUCKET = sum(len(types) for types in STORAGE_TYPES.values()) + 1
SIZE_DAYS = 3
MAX_UPLOADS = 1000
BUCKETS = Paging(("ContinuationToken",), ("ContinuationToken",))
UPLOADS = Paging(("NextKeyMarker", "NextUploadIdMarker"), ("KeyMarker", "UploadIdMarker"))
PARTS = Paging(("NextPartNumberMarker",), ("PartNumberMarker",))
NO_SUCH = ("NoSuchLifecycleConfiguration", "NoSuchTagSet", "NoSuchTagSetError")
Row = dict[str, Any]


def list_buckets(reader: Reader) -> dict[str, str]:
    """Region by bucket of the whole account, those whose name matches the pattern."""
    pattern = re.compile(reader.place.options.bucket_pattern)
    found: dict[str, str] = {}
    unplaced: list[str] = []
    for page in reader.pages("s3", "ListBuckets", "Buckets", BUCKETS, MaxBuckets=1000):
        for bucket in page["Buckets"]:
            if pattern.search(bucket["Name"]):
                found[bucket["Name"]] = bucket.get("BucketRegion", "")
                if not bucket.get("BucketRegion"):
                    unplaced.append(bucket["Name"])
    for name, location in reader.each(unplaced, lambda n: reader.call("s3", "GetBucketLocation", Bucket=n)):
        found[name] = region_of(location) if location is not None else ""
    return found


def region_of(location: Row) -> str:
    """Region of a LocationConstraint: none means us-east-1, EU means eu-west-1."""
    constraint = str(location.get("LocationConstraint") or "us-east-1")
    return "eu-west-1" if constraint == "EU" else constraint


class Buckets:
    """Reads the buckets of one place."""

    def __init__(self, reader: Reader, tables: Tables, sizes: MetricReader) -> None:
        self.reader, self.tables, self.sizes = reader, tables, sizes
        self.place: Place = reader.place
        self.settings: dict[str, Row] = {}

    def read_settings(self, names: Sequence[str]) -> int:
        """Lifecycle, versioning, tags and unfinished uploads; each unknown where it cannot be read."""
        for done, (name, settings) in enumerate(self.reader.each(names, self._settings), 1):
            self.reader.progress(done, len(names))
            self.settings[name] = settings or {}
        return len(names)

    def _settings(self, name: str) -> Row:
        lifecycle = self._ask("GetBucketLifecycleConfiguration", name)
        versioning = self._ask("GetBucketVersioning", name)
        tags = self._ask("GetBucketTagging", name)
        row: Row = {"incomplete_upload_gib": self._uploads(name)}
        if lifecycle is not None:
            row["lifecycle"] = any(r.get("Status") == "Enabled" for r in lifecycle.get("Rules", ()))
        tiering = self._ask("ListBucketIntelligentTieringConfigurations", name)
        if tiering and tiering.get("IntelligentTieringConfigurationList"):
            self.reader.say(f"bucket {name} has archive tiers of Intelligent-Tiering configured.")
        if versioning is not None:
            row["versioning"] = versioning.get("Status") == "Enabled"
            if "Status" not in versioning:
                row["noncurrent_gib"] = 0
        if tags is not None:
            row["tags"] = as_dict(tags.get("TagSet", ()))
            row["owner"] = owner(row["tags"])
        return row

    def _ask(self, operation: str, name: str) -> Row | None:
        """The answer, {} where the bucket has no such setting, None where it cannot be read."""
        try:
            return self.reader.attempt("s3", operation, none=NO_SUCH, Bucket=name)
        except Gone:
            return {}

    def _uploads(self, name: str) -> float | None:
        """GiB in parts of unfinished uploads, None when unknown or too many to list."""
        parts_bytes, uploads = 0, 0
        if self.reader.is_shut("ListMultipartUploads"):
            return None
        try:
            for page in self.reader.pages(
                "s3", "ListMultipartUploads", "", UPLOADS, Bucket=name, MaxUploads=1000
            ):
                for upload in page.get("Uploads", ()):
                    uploads += 1
                    if uploads > MAX_UPLOADS:
                        self.reader.say(
                            f"bucket {name} has more than {MAX_UPLOADS:,} unfinished uploads: size unknown."
                        )
                        return None
                    parts_bytes += self._upload_bytes(name, upload)
        except Gone:
            return None
        except SourceFailed as error:
            self.reader.note(error.failure, "ListMultipartUploads")
            return None
        return parts_bytes / BYTES_PER_GIB

    def _upload_bytes(self, name: str, upload: Row) -> int:
        pages = self.reader.pages(
            "s3", "ListParts", "", PARTS, Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"]
        )
        return sum(part["Size"] for page in pages for part in page.get("Parts", ()))

    def read_sizes(self, names: Sequence[str]) -> int:
        """Write one row a bucket and storage class in use; gives the number of rows."""
        written = 0
        metrics = [m for n in names for m in size_metrics(n)]
        series = self.sizes.read(metrics)
        unknown = silent = 0
        for at, name in enumerate(names):
            answers = series[at * METRICS_PER_BUCKET : (at + 1) * METRICS_PER_BUCKET]
            if not all(a.complete for a in answers):
                unknown += 1
                continue
            rows = self._rows(name, answers)
            silent += not rows
            written += self.tables.write("storage", rows)
        if unknown:
            self.reader.say(
                f"the sizes of {unknown:,} buckets are unknown; they are left out, not counted as empty."
            )
        if silent:
            self.reader.say(
                f"{silent:,} buckets report no size: empty, or younger than two days; they are left out."
            )
        self.sizes.status()
        return written

    def _rows(self, name: str, answers: Sequence[Series]) -> list[Row]:
        gib = class_gib(answers[:-1])
        objects = answers[-1].newest()
        settings = dict(self.settings.get(name, {}))
        whole = {k: settings.pop(k, None) for k in ("incomplete_upload_gib", "noncurrent_gib")}
        rows = []
        for storage_class, size in gib.items():
            row = {**self.place.base, "bucket": name, "storage_class": storage_class, "gib": size, **settings}
            if storage_class == "STANDARD" or len(gib) == 1:
                row |= {k: v if v is None else min(v, size) for k, v in whole.items()}
            if len(gib) == 1 and not np.isnan(objects):
                row["objects"] = round(objects)
            rows.append(row)
        return rows


def size_metrics(bucket: str) -> list[Metric]:
    """The size by every storage type, then the number of objects."""
    types = [(t, "BucketSizeBytes") for types in STORAGE_TYPES.values() for t in types]
    types.append(("AllStorageTypes", "NumberOfObjects"))
    return [
        Metric(NAMESPACE, name, (("StorageType", kind), ("BucketName", bucket)), "Average", DAY)
        for kind, name in types
    ]


def class_gib(answers: Sequence[Series]) -> dict[str, float]:
    """GiB by storage class with something in it."""
    found: dict[str, float] = {}
    at = 0
    for storage_class, types in STORAGE_TYPES.items():
        sizes = [a.newest() for a in answers[at : at + len(types)]]
        at += len(types)
        if not np.all(np.isnan(sizes)) and np.nansum(sizes) > 0:
            found[storage_class] = float(np.nansum(sizes)) / BYTES_PER_GIB
    return found


def size_window(end: datetime) -> tuple[datetime, datetime]:
    """Three whole days and today: S3 reports once a day, a day late."""
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=SIZE_DAYS), midnight + timedelta(days=1)


def split_by_region(reader: Reader, buckets: dict[str, str], regions: Sequence[str]) -> dict[str, list[str]]:
    """Buckets of each region that is read; the others are told of."""
    found: dict[str, list[str]] = {r: [] for r in regions}
    for name, region in buckets.items():
        if region in found:
            found[region].append(name)
    elsewhere = sorted({r for r in buckets.values() if r and r not in found})
    if elsewhere:
        count = sum(r in elsewhere for r in buckets.values())
        reader.say(f"{count:,} buckets lie in regions that were not read ({', '.join(elsewhere)}).")
    unplaced = sum(not r for r in buckets.values())
    if unplaced:
        reader.troubles.failures.append(Failure("denied", f"the region of {unplaced:,} buckets is unknown"))
    return found
