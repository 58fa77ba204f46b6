"""The price book looked at as data: the history of a key, its age, its holes and its conflicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.catalog import load_catalog
from simulator.pricing.billed_rates import GRADE, PLACE
from simulator.pricing.book import BILLED, PriceBook
from simulator.pricing.files import COLUMNS, DATA, KEY, in_force, own_rows, shipped_rows

STALE_DAYS = 90
SAME_RATIO = 0.01
# The column of instances.csv that says whether a type is offered for a component.
OFFERED = {
    "training": "training_ok", "hosting": "hosting_ok", "batch_transform": "transform_ok",
    "processing": "processing_ok", "notebook": "notebook_ok", "studio": "studio_ok",
}  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True)
class Audit:
    """`components`: age and grade of the rows in force. `holes`: types an API offers, without a price in a region
    where others have one. `conflicts`: published rows of one key seen at the same time, over 1 % apart. `coverage`: per
    component and region, types published, priced by rule, not offered there, and with no price."""

    as_of: str
    rows: int
    components: list[Row]
    holes: list[Row]
    conflicts: list[Row]
    coverage: list[Row]

    def text(self) -> str:
        """The audit as a listing."""
        missing = sum(h["missing"] for h in self.holes)
        parts = [
            f"{self.rows} prices in force on {self.as_of}",
            pd.DataFrame(self.components).to_string(index=False),
            "Coverage of instance-hours, by component and region",
            pd.DataFrame(self.coverage).to_string(index=False),
            f"Holes: {missing} prices of types that SageMaker offers, by component and region",
            pd.DataFrame(self.holes).to_string(index=False) if self.holes else "none",
            f"Conflicts: {len(self.conflicts)} pairs of published rows over 1 % apart at the same time",
            pd.DataFrame(self.conflicts).to_string(index=False) if self.conflicts else "none",
        ]
        return "\n\n".join(parts)


def history(as_of: date, *, own: Path | None = None, folder: Path = DATA) -> pd.DataFrame:
    """All rows, with `usd_per_unit` and `in_force` on the date; own prices laid over. Raises ValueError in words."""
    rows = shipped_rows(folder)
    if own is not None:
        regions = tuple(pd.read_csv(folder / "regions.csv", dtype=str)["region"])
        rows = pd.concat([rows, own_rows(own, rows, regions)], ignore_index=True)
    current = rows.index.isin(in_force(rows, as_of).index)
    return rows.assign(usd_per_unit=rows["usd"] / rows["per"], in_force=current)


def with_billed(rows: pd.DataFrame, book: PriceBook) -> pd.DataFrame:
    """The history with the billed rates of an account's book, which stand before the list rows of their place."""
    billed = book.rows[book.rows["grade"] == GRADE][list(COLUMNS)]
    taken = pd.MultiIndex.from_frame(rows[PLACE]).isin(pd.MultiIndex.from_frame(billed[PLACE]))
    rows = rows.assign(in_force=rows["in_force"] & ~taken)
    billed = billed.assign(usd_per_unit=billed["usd"] / billed["per"], in_force=True)
    return pd.concat([rows, billed], ignore_index=True)


def select(rows: pd.DataFrame, keys: Sequence[str], regions: Sequence[str]) -> pd.DataFrame:
    """Rows of the keys (`component/item`, or what it begins with) in the regions, with the defaults (`*`)."""
    wanted = pd.Series(not keys, index=rows.index)
    for key in keys:
        component, _, item = key.partition("/")
        of = rows["component"] == component
        exact = of & (rows["item"] == item)
        begins = item.rstrip("*…")
        wanted |= exact if exact.any() else of & rows["item"].str.startswith(begins)
    if regions:
        wanted &= rows["region"].isin([*regions, "*"])
    order = ["component", "item", "region", "tier_from", "effective_from"]
    return rows[wanted].sort_values(order, kind="stable")


def with_end_of_life(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with `end_of_life`: the day AWS announced as a Bedrock model's last, "" where it announced none."""
    catalog = load_catalog()
    model = rows["item"].where(rows["component"].str.startswith("bedrock"), "")
    return rows.assign(end_of_life=catalog.end_of_life[catalog.model_code(model.to_numpy(object))])


def not_found(rows: pd.DataFrame, keys: Sequence[str], regions: Sequence[str]) -> str:
    """Why nothing was selected, with keys that look like the one asked for."""
    known = (rows["component"] + "/" + rows["item"]).unique().tolist()
    near = [n for key in keys for n in get_close_matches(key, known, 3)]
    where = f" in {', '.join(regions)}" if regions else ""
    hint = f"; did you mean {', '.join(near)}?" if near else "; a key is COMPONENT/ITEM"
    return f"no price for {', '.join(keys) or 'anything'}{where}{hint}"


def audit(as_of: date, *, folder: Path = DATA) -> Audit:
    """Age, holes and conflicts of the shipped book on a date."""
    rows = history(as_of, folder=folder)
    current = rows[rows["in_force"]]
    offered = pd.read_csv(folder / "instances.csv", dtype=str, keep_default_na=False)
    return Audit(
        as_of.isoformat(),
        len(current),
        _components(current, as_of),
        _holes(current, offered),
        _conflicts(rows),
        coverage(current, offered, _not_offered(folder)),
    )


def _not_offered(folder: Path) -> pd.DataFrame:
    """What AWS does not offer, as a folder of prices lists it; a folder of one's own need not."""
    columns = ["component", "instance_type", "region", "source"]
    file = folder / "not_offered.csv"
    if not file.is_file():
        return pd.DataFrame(columns=columns, dtype=str)
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def coverage(current: pd.DataFrame, offered: pd.DataFrame, refused: pd.DataFrame) -> list[Row]:
    """Per component and region with any price: how many types that the API accepts are published there, priced by
    rule, not offered (no hosting in AWS's list of the region, or refused by name), or without a price."""
    listed = current[current["component"] == "hosting"]
    types = set(offered.loc[offered[OFFERED["hosting"]] == "true", "instance_type"])
    made = []
    for component, column in OFFERED.items():
        accepted = set(offered.loc[offered[column] == "true", "instance_type"])
        rows = current[current["component"] == component]
        for region, group in rows.groupby("region"):
            priced = group[group["item"].isin(accepted)]
            rule = int((priced["grade"] == "assumed").sum())
            without = accepted - set(priced["item"])
            hosted = set(listed.loc[listed["region"] == region, "item"])
            here = refused[(refused["component"] == component) & refused["region"].isin(["*", region])]
            absent = without & ((types - hosted if hosted else set()) | set(here["instance_type"]))
            made.append(
                {
                    "component": component, "region": str(region), "published": len(priced) - rule,
                    "by_rule": rule, "not_offered": len(absent), "none": len(without - absent),
                }
            )  # fmt: skip
    return made


def _components(current: pd.DataFrame, as_of: date) -> list[Row]:
    checked = pd.to_datetime(current["checked_on"], errors="coerce")
    days = (pd.Timestamp(as_of) - checked).dt.days
    made = []
    for component, group in current.assign(days=days).groupby("component"):
        if component != BILLED:
            grade = group["grade"].value_counts()
            made.append(
                {
                    "component": str(component),
                    "prices": len(group),
                    "oldest_days": int(group["days"].max()),
                    "older_than_90_days": int((group["days"] > STALE_DAYS).sum()),
                    "assumed": int(grade.get("assumed", 0)),
                    "secondary": int(grade.get("secondary", 0)),
                }
            )
    return made


def _holes(current: pd.DataFrame, offered: pd.DataFrame) -> list[Row]:
    """Per component and region: types the API accepts that have no price there."""
    made = []
    for component, column in OFFERED.items():
        types = set(offered.loc[offered[column] == "true", "instance_type"])
        rows = current[current["component"] == component]
        for region, group in rows.groupby("region"):
            missing = sorted(types - set(group["item"]))
            if missing:
                made.append(
                    {
                        "component": component, "region": str(region), "priced": len(group),
                        "missing": len(missing), "for_example": ", ".join(missing[:3]),
                    }
                )  # fmt: skip
    return made


def _conflicts(rows: pd.DataFrame) -> list[Row]:
    """Pairs of published rows of one key that were seen at the same time at different prices."""
    published = rows[~rows["grade"].isin(["assumed", "own"])]
    published = published[published.duplicated(KEY, keep=False)].sort_values([*KEY, "effective_from"])
    one = published[[*KEY, "usd_per_unit", "effective_from", "checked_on", "grade", "source"]]
    pairs = one.merge(one, on=KEY, suffixes=("", "_other"))
    at_once = (pairs["effective_from"] <= pairs["effective_from_other"]) & (
        pairs["checked_on"] >= pairs["effective_from_other"]
    )
    first = (pairs["source"] != pairs["source_other"]) & at_once
    apart = np.abs(pairs["usd_per_unit"] / pairs["usd_per_unit_other"] - 1) > SAME_RATIO
    found = pairs[first & apart].drop(columns=["checked_on", "checked_on_other", "tier_from"])
    return [{str(k): v for k, v in r.items()} for r in found.to_dict("records")]
