"""Tags of SageMaker resources, all of a region in a few calls; who owns a thing and whether it must be kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from simulator.sources.collect.client.reader import Paging, Reader

OWNER_KEYS = ("owner", "team", "project")
KEEP_KEYS = ("keep", "keep-until", "keep_until", "keepuntil")
PAGING = Paging(("PaginationToken",), ("PaginationToken",))

Tags = dict[str, str]


class TagBook:
    """Tags by ARN. `known` is False when they could not be read: then owner, tags and veto are unknown."""

    def __init__(self) -> None:
        self.by_arn: dict[str, Tags] = {}
        self.known = False

    def read(self, reader: Reader) -> int:
        """Fill the book. GetResources lists what is tagged: what it does not list has no tags."""
        parameters = {"ResourceTypeFilters": ["sagemaker"], "ResourcesPerPage": 100}
        for page in reader.pages(
            "resourcegroupstaggingapi", "GetResources", "ResourceTagMappingList", PAGING, **parameters
        ):
            for item in page["ResourceTagMappingList"]:
                self.by_arn[item["ResourceARN"]] = as_dict(item.get("Tags", ()))
        self.known = True
        return len(self.by_arn)

    def columns(self, arn: str) -> dict[str, Any]:
        """The columns `tags` and `owner` of a row; empty when unknown."""
        if not self.known:
            return {}
        tags = self.by_arn.get(arn, {})
        return {"tags": tags, "owner": owner(tags)}

    def keep(self, arn: str, today: datetime) -> bool | None:
        """Whether the owner forbids stopping it, None unknown."""
        return must_keep(self.by_arn.get(arn, {}), today.date()) if self.known else None


def as_dict(tags: Any) -> Tags:
    """AWS's list of Key and Value as a dict."""
    return {str(t["Key"]): str(t.get("Value", "")) for t in tags}


def owner(tags: Mapping[str, str]) -> str:
    """Value of the first of the owner tags, whatever their case; "" if there is none."""
    lower = {k.lower(): v for k, v in tags.items()}
    return next((lower[k] for k in OWNER_KEYS if lower.get(k)), "")


def must_keep(tags: Mapping[str, str], today: date) -> bool:
    """`keep` with any value but false, no or 0; with a date, up to and including that day."""
    for key, value in tags.items():
        if key.lower() not in KEEP_KEYS or value.strip().lower() in ("false", "no", "0"):
            continue
        try:
            return date.fromisoformat(value.strip()[:10]) >= today
        except ValueError:
            return True
    return False
