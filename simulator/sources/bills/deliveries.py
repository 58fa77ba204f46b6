"""Deliveries of a period: the manifest beside the data names the files of the newest one; the others are left out.

AWS writes the whole period anew at each delivery, into a folder of its own when it does not overwrite, and renews the
manifest of the period above those folders. Source: Cost and Usage Report user guide, "Delivery timeline" and
"Viewing your reports"; Data Exports user guide, "Delivery".
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

CHUNK = re.compile(r"[-_.]\d{5}[-.]|^(part|day)-\d+", re.I)
MAX_MANIFEST_BYTES = 16 * 2**20
PERIOD = re.compile(r"(?:billing_period=)?(\d{4})-?(\d{2})(?:-?01-\d{8}|-01)?$", re.I)


@dataclass(frozen=True)
class DeliveryManifest:
    """One manifest: where it lies, the delivery it names and that delivery's files (last two parts of each path)."""

    name: str
    delivery: str
    period: str
    files: frozenset[str]


def read_manifest(path: Path, name: str) -> DeliveryManifest | None:
    """A manifest of a Cost and Usage Report or of Data Exports; None for any other JSON."""
    if path.stat().st_size > MAX_MANIFEST_BYTES:
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
        keys = data.get("reportKeys") or data.get("dataFiles") or []
        files = frozenset(_tail(str(k)) for k in keys)
        delivery = str(data.get("assemblyId") or data.get("executionId") or "")
        stated = str((data.get("billingPeriod") or {}).get("start", ""))[:6]
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    period = f"{stated[:4]}-{stated[4:6]}" if re.match(r"^\d{6}$", stated) else period_of(name)
    return DeliveryManifest(name, delivery, period, files) if files else None


def period_of(name: str) -> str:
    """`…/20260901-20261001/…` and `…/BILLING_PERIOD=2026-09/…` → "2026-09"; "" where no folder names a period."""
    found = [m for part in PurePosixPath(name).parts[:-1] if (m := PERIOD.match(part))]
    return f"{found[-1][1]}-{found[-1][2]}" if found else ""


def superseded(names: Sequence[str], manifests: Sequence[DeliveryManifest]) -> dict[str, str]:
    """Files that an older delivery left behind, with the reason. Only where the files of the newest one are here."""
    out: dict[str, str] = {}
    for manifest in _deciding(manifests):
        listed = [n for n in names if _tail(n) in manifest.files]
        if not listed:
            continue
        for name in names:
            if name not in listed and _same_period(name, manifest, listed):
                said = (
                    f"its manifest names delivery {manifest.delivery}"
                    if manifest.delivery
                    else "its manifest"
                )
                out[name] = (
                    f"left out: {name} is of an older delivery of {manifest.period or 'the period'}; {said}"
                )
    return out


def _deciding(manifests: Sequence[DeliveryManifest]) -> list[DeliveryManifest]:
    """Of each period and export the manifest that lies highest; several at one height that disagree decide nothing."""
    by_period: dict[tuple[str, str], list[DeliveryManifest]] = defaultdict(list)
    for manifest in manifests:
        by_period[(manifest.period, PurePosixPath(manifest.name).name)].append(manifest)
    found = []
    for same in by_period.values():
        least = min(len(PurePosixPath(m.name).parts) for m in same)
        highest = [m for m in same if len(PurePosixPath(m.name).parts) == least]
        if len({m.files for m in highest}) == 1:
            found.append(highest[0])
    return found


def _same_period(name: str, manifest: DeliveryManifest, listed: Sequence[str]) -> bool:
    """The file has the name that a chunk of this export has, and lies in a folder of this period."""
    if manifest.period and period_of(name) == manifest.period:
        return _stem(name) in {_stem(n) for n in listed}
    above = str(PurePosixPath(manifest.name).parent)
    return above != "." and not period_of(name) and name.startswith(above + "/")


def unit_of(name: str) -> str:
    """Folder and name without the number of the part: files of one unit are parts of one delivery."""
    path = PurePosixPath(name)
    return f"{path.parent}/{re.sub(r'[0-9]+', '#', path.name) if CHUNK.search(path.name) else path.name}"


def _tail(path: str) -> str:
    return "/".join(PurePosixPath(path).parts[-2:])


def _stem(name: str) -> str:
    """`report-00002.csv.gz` → `report-`."""
    return re.sub(r"[-_]?\d+$", "", PurePosixPath(name).name.split(".", 1)[0])
