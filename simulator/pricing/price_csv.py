"""EC2's offer file, read line by line: a region is hundreds of megabytes, of which accelerators are a few lines.

The CSV of an offer has five lines of metadata (the third is the publication date), a header, then a line per price.
Source: AWS Price List user guide, reading the service price list files (CSV); column names are compared without case,
blanks and marks, as they differ between offers.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from simulator.pricing.placing import EC2_PLAIN, accelerators
from simulator.pricing.price_list import Found, Read, day_of

METADATA_LINES = 5


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


WANTED = {
    "termtype": "OnDemand", "unit": "Hrs", "currency": "USD", **{_plain(k): v for k, v in EC2_PLAIN.items()},
}  # fmt: skip


def read_ec2(file: Path, where: str, *, offer: str, region: str) -> Read:
    """On-demand Linux hours of the accelerators the catalogue knows. Raises ValueError where the file is no offer."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = csv.reader(stream)
        told = [line for line in (next(lines, []) for _ in range(METADATA_LINES)) if len(line) > 1]
        head = {_plain(line[0]): line[1] for line in told}
        columns = [_plain(name) for name in next(lines, [])]
        if head.get("offercode") != offer or not {*WANTED, "usagetype", "priceperunit", "effectivedate"} <= {
            *columns
        }:
            raise ValueError(f"{where}: not the offer {offer} in AWS's CSV form")
        read = Read(offer, day_of(head.get("publicationdate"), f"{where}: publication date"))
        for number, line in enumerate(lines, METADATA_LINES + 2):
            row = dict(zip(columns, line, strict=False))
            if len(line) != len(columns):
                raise ValueError(f"{where}: line {number} is cut short; nothing was written")
            found = _price(row, region, f"{where}: line {number}")
            read.prices += [found] if found else []
            read.passed_over += found is None
    return read


def _price(row: dict[str, str], region: str, where: str) -> Found | None:
    if any(row[name] != value for name, value in WANTED.items()):
        return None
    kind = "ml." + row["usagetype"].rpartition("BoxUsage:")[2]
    if kind not in accelerators() or row.get("regioncode", region) not in ("", region):
        return None
    try:
        usd = float(row["priceperunit"])
    except ValueError:
        raise ValueError(f"{where}: expected a price, not {row['priceperunit']!r}") from None
    since = day_of(row["effectivedate"], where)
    return Found("ec2", kind, region, usd, "instance_hour", 1, since, row["usagetype"]) if usd > 0 else None
