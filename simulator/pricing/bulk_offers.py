"""AWS's bulk offer files of some regions: which there are, and what each says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from simulator.pricing.downloads import fetched_json, kept_file, kept_json, kept_place
from simulator.pricing.placing import EC2
from simulator.pricing.plan_list import read_plans
from simulator.pricing.price_csv import read_ec2
from simulator.pricing.price_list import Read, read_offer

PRICE_LIST_URL = "https://pricing.us-east-1.amazonaws.com"
AT_ONCE = 6
DOWNLOADS = "downloads"
Progress = Callable[[int, int, str], None]
"""Told how many files are read, of how many, and the newest."""


@dataclass(frozen=True)
class _File:
    """One offer file to read: of which offer and region, and where."""

    offer: str
    region: str
    where: str
    of_plans: bool

    def read(self, kept: Path) -> Read:
        """Its prices. A file that is whole but no offer is not kept: the next refresh asks for it again."""
        try:
            if self.offer == EC2:
                return read_ec2(kept_file(self.where, kept), self.where, offer=self.offer, region=self.region)
            data = kept_json(self.where, kept)
            reader = read_plans if self.of_plans else read_offer
            return reader(data, self.where, offer=self.offer, region=self.region)
        except ValueError:
            kept_place(self.where, kept).unlink(missing_ok=True)
            raise


def from_bulk(
    offers: Sequence[str],
    plans: Sequence[str],
    regions: Sequence[str],
    url: str,
    target: Path,
    progress: Progress | None,
) -> list[Read]:
    """All files, several at a time, in the order of offers and regions."""
    files = [f for offer in offers for f in _listed(offer, regions, url)]
    files += [f for offer in plans for f in _listed_plans(offer, regions, url)]
    reads: list[Read] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for file, read in zip(files, pool.map(lambda f: f.read(target / DOWNLOADS), files), strict=True):
            reads.append(read)
            if progress is not None:
                progress(len(reads), len(files), f"{file.offer} {file.region}")
    return reads


def _listed(offer: str, regions: Sequence[str], url: str) -> Iterator[_File]:
    index_url = urljoin(url, f"/offers/v1.0/aws/{offer}/current/region_index.json")
    index = fetched_json(index_url)
    listed = index.get("regions") if isinstance(index, dict) else None
    if not isinstance(listed, dict):
        raise ValueError(f"{index_url}: not a region index: it has no 'regions'")
    for region in regions:
        if region in listed:
            path = listed[region].get("currentVersionUrl")
            if not isinstance(path, str):
                raise ValueError(f"{index_url}: region {region} has no currentVersionUrl")
            path = path.removesuffix(".json") + ".csv" if offer == EC2 else path
            yield _File(offer, region, urljoin(url, path), False)


def _listed_plans(offer: str, regions: Sequence[str], url: str) -> Iterator[_File]:
    """Savings Plans list their regions as rows with a versionUrl."""
    index_url = urljoin(url, f"/savingsPlan/v1.0/aws/{offer}/current/region_index.json")
    index = fetched_json(index_url)
    rows = index.get("regions") if isinstance(index, dict) else None
    if not isinstance(rows, list):
        raise ValueError(f"{index_url}: not a region index of Savings Plans: it has no list 'regions'")
    found = {row.get("regionCode"): row.get("versionUrl") for row in rows if isinstance(row, dict)}
    for region in regions:
        if region in found:
            if not isinstance(found[region], str):
                raise ValueError(f"{index_url}: region {region} has no versionUrl")
            yield _File(offer, region, urljoin(url, found[region]), True)
