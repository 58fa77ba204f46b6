"""Append AWS's hosting and serverless list of 2026-09-22 to pricing_data: python -m scripts.import_lists [FACTS_FOLDER]

Writes price files of their own (`hosting_list.csv`, `serverless_list.csv`, `bedrock_list.csv`, `rules.csv`) and adds
to the tables beside them the regions and types that the list knows. A pair the list lacks is not offered. The other
components of a listed type follow hosting (R1); what the list lacks everywhere follows EC2 (R3, see
`scripts/backtest_r3.py`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd

from scripts.price_facts import bedrock_list
from scripts.price_facts.ec2_rule import HOME, by_ec2
from scripts.price_facts.sagemaker import USE_OF
from scripts.price_facts.table import PriceRow, write_prices
from simulator.pricing.files import in_force, shipped_rows

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "pricing_data"
DAY = "2026-09-22"
SOURCE = "price-list-2026-09-22"
FOLLOW = tuple(c for c in USE_OF if c != "hosting")
NEW_FILES = ("hosting_list.csv", "serverless_list.csv", "rules.csv", "bedrock_list.csv")
SOURCES = (
    (
        SOURCE,
        "AWS price list of SageMaker, published 2026-09-22",
        "1mad-elmakaoui/tools_testing@43dd1aa",
        "prices.yaml",
    ),
    (
        bedrock_list.SOURCE,
        "Bedrock prices of October 2026, from the Price List and model cards",
        "inferplane/model-comparision@1673417",
        "public/data/models.json",
    ),
    (
        "rule-R3",
        "rule R3: the us-east-1 price times EC2's on-demand price there over EC2's in us-east-1",
        "",
        "scripts/backtest_r3.py",
    ),
)
Key = tuple[str, str, str]


def main(facts: Path, out: Path = OUT) -> None:
    """Read the list, write its files, print how many rows each has."""
    for name in NEW_FILES:
        (out / "prices" / name).unlink(missing_ok=True)
    listed = _text(facts / "hosting_2026-09-22.csv")
    hosting = list(_hosting(listed))
    _add_types(out, set(listed["instance_type"]))
    _add_regions(out, set(listed["region"]) | {"cn-north-1", "cn-northwest-1"})
    rows = shipped_rows(out)
    lacking = _lacking(listed, rows)
    rules = [*_followers(hosting, rows, out), *by_ec2(facts, _unlisted_at_home(rows, listed), _priced(rows))]
    tokens = bedrock_list.prices(facts)
    _add_models(out, {r.item.partition("#")[0] for r in tokens} | _variants(rows, tokens))
    seen = {(c, i, r, since): usd for c, i, r, since, usd in _same_day(rows)}
    hosting = [r for r in hosting if seen.get((r.component, r.item, r.region, DAY)) != float(r.usd)]
    books = dict(zip(NEW_FILES, (hosting, list(_serverless(facts)), rules, tokens), strict=True))
    for name, found in books.items():
        print(name, write_prices(out / "prices" / name, found))
    _drop_assumed(out, lacking, [*hosting, *tokens], rules)
    _add_source(out)


def _hosting(listed: pd.DataFrame) -> Iterator[PriceRow]:
    for region, kind, usd in listed.itertuples(index=False):
        yield PriceRow("hosting", kind, region, usd, "instance_hour", DAY, "api", SOURCE)


def _serverless(facts: Path) -> Iterator[PriceRow]:
    """USD per GB-second: the price is linear in memory, so the largest size is the finest."""
    listed = _text(facts / "serverless_2026-09-22.csv")
    listed["gb_second"] = listed["usd_per_second"].astype(float) / listed["memory_gb"].astype(float)
    for region, sizes in listed.groupby("region"):
        finest = sizes.iloc[sizes["memory_gb"].astype(int).to_numpy().argmax()]
        usd = f"{finest['gb_second']:.10f}".rstrip("0")
        yield PriceRow("serverless_inference", "gb_second", str(region), usd, "gb_second", DAY, "api", SOURCE)


def _followers(hosting: list[PriceRow], rows: pd.DataFrame, out: Path) -> Iterator[PriceRow]:
    """R1: the components of a type that the API allows and no row prices alike cost what hosting does."""
    allowed = _text(out / "instances.csv").set_index("instance_type")
    refused = {(c, t, r) for c, t, r, _ in _text(out / "not_offered.csv").itertuples(index=False, name=None)}
    published = rows[rows["grade"] != "assumed"]
    now = in_force(rows, date.fromisoformat(DAY))
    now = now.assign(unit_usd=now["usd"] / now["per"])
    known = _priced(published)
    priced = dict(
        zip(zip(now["component"], now["item"], now["region"], strict=True), now["unit_usd"], strict=True)
    )
    for row in hosting:
        for component in FOLLOW:
            key = (component, row.item, row.region)
            if (
                allowed.loc[row.item, USE_OF[component]] != "true"
                or {key, (component, row.item, "*")} & refused
            ):
                continue
            if key not in known and priced.get(key) != float(row.usd):
                yield PriceRow(
                    component, row.item, row.region, row.usd, row.unit, DAY, "assumed", "rule-R1",
                    checked_on=DAY, note=f"R1: hosting in {row.region}",
                )  # fmt: skip


def _same_day(rows: pd.DataFrame) -> Iterator[tuple[str, str, str, str, float]]:
    """Published prices that other files already have of the list's day: one row is enough."""
    same = rows[(rows["effective_from"] == DAY) & (rows["grade"] != "assumed")]
    columns = ["component", "item", "region", "effective_from", "usd"]
    yield from same[columns].itertuples(index=False, name=None)


def _lacking(listed: pd.DataFrame, rows: pd.DataFrame) -> set[tuple[str, str]]:
    """Pairs of a listed type and a listed region that the list lacks, unless a later source has them."""
    pairs = set(zip(listed["instance_type"], listed["region"], strict=True))
    later = rows[
        (rows["component"] == "hosting") & (rows["checked_on"] >= DAY) & (rows["grade"] != "assumed")
    ]
    pairs |= set(zip(later["item"], later["region"], strict=True))
    every = {(t, r) for t in set(listed["instance_type"]) for r in set(listed["region"])}
    return every - pairs


def _unlisted_at_home(rows: pd.DataFrame, listed: pd.DataFrame) -> Iterator[PriceRow]:
    """Published us-east-1 instance-hours of types that no region hosts: training types, for R3."""
    now = in_force(rows, date.fromisoformat(DAY))
    home = now[(now["region"] == HOME) & now["component"].isin(FOLLOW) & (now["grade"] != "assumed")]
    for row in home[~home["item"].isin(listed["instance_type"])].to_dict("records"):
        yield PriceRow(row["component"], row["item"], HOME, repr(row["usd"]), row["unit"], DAY, "assumed", "")


def _priced(rows: pd.DataFrame) -> set[Key]:
    return set(zip(rows["component"], rows["item"], rows["region"], strict=True))


def _drop_assumed(
    out: Path, gone: set[tuple[str, str]], published: list[PriceRow], rules: list[PriceRow]
) -> None:
    """assumed.csv without what the lists settle: hosting and asynchronous prices of pairs that are not offered, one
    serverless price for every region, and rows seen since a published price or a finer rule of their key."""
    path = out / "prices" / "assumed.csv"
    text = _text(path)
    hosted = text["component"].isin(["hosting", "async_inference"])
    lacking = pd.Series([p in gone for p in zip(text["item"], text["region"], strict=True)], text.index)
    serverless = (text["component"] == "serverless_inference") & (text["item"] == "gb_second")
    settled = {(r.component, r.item, r.region): r.effective_from for r in [*published, *rules]}
    keys = zip(text["component"], text["item"], text["region"], text["effective_from"], strict=True)
    later = pd.Series([since >= settled.get((c, i, r), "9999") for c, i, r, since in keys], text.index)
    text[~(hosted & lacking | serverless | later)].to_csv(path, index=False, lineterminator="\n")


def _add_types(out: Path, listed: set[str]) -> None:
    """Types the list has and instances.csv lacks: hosted, the rest unknown."""
    path = out / "instances.csv"
    types = _text(path)
    new = sorted(listed - set(types["instance_type"]))
    flags = {c: "false" for c in types.columns if c.endswith("_ok") or c in ("nvme", "arm")}
    rows = [{"instance_type": t, **flags, "hosting_ok": "true", **_of_name(t), "source": SOURCE} for t in new]
    frame = pd.concat([types, pd.DataFrame(rows, columns=types.columns)]).fillna("")
    frame.sort_values("instance_type").to_csv(path, index=False, lineterminator="\n")


def _of_name(kind: str) -> dict[str, str]:
    """What EC2's naming says: a `g` after the generation is Graviton, a `d` own disks; eia is an accelerator alone."""
    family = kind.split(".")[1]
    after = family[2:]
    return {
        "arm": str("g" in after and not family.startswith("eia")).lower(),
        "nvme": str("d" in after).lower(),
        "accelerator": "" if family.startswith("eia") else "none",
        "gpu_count": "" if family.startswith("eia") else "0",
        "gpu_memory_gib": "" if family.startswith("eia") else "0",
    }


def _variants(rows: pd.DataFrame, tokens: list[PriceRow]) -> set[str]:
    """Items that price long prompts or a service tier: ids of their own, between which usage chooses."""
    items = {*rows.loc[rows["component"].str.startswith("bedrock"), "item"], *(r.item for r in tokens)}
    return {item for item in items if re.search(r"#(above_\d+k|flex|priority)", item)}


def _add_models(out: Path, priced: set[str]) -> None:
    """models.csv with the ids that have a price now: their limits and caching are unknown. Nova writes cost 0."""
    path = out / "models.csv"
    models = _text(path)
    new = sorted(priced - set(models["model_id"]))
    rows = [{"model_id": m, "source": "" if "#" in m else bedrock_list.SOURCE} for m in new]
    frame = pd.concat([models, pd.DataFrame(rows, columns=models.columns)]).fillna("")
    caches = frame["model_id"].str.contains("amazon.nova-", regex=False) & (frame["cache_read_factor"] != "")
    frame.loc[caches, "cache_write_factor"] = "0"
    frame.sort_values("model_id").to_csv(path, index=False, lineterminator="\n")


def _add_regions(out: Path, more: set[str]) -> None:
    path = out / "regions.csv"
    known = set(_text(path)["region"])
    pd.DataFrame({"region": sorted(known | more)}).to_csv(path, index=False, lineterminator="\n")


def _add_source(out: Path) -> None:
    path = out / "sources.csv"
    known = _text(path)
    rows = [dict(zip(known.columns, n, strict=True)) for n in SOURCES if n[0] not in set(known["source"])]
    frame = pd.concat([known, pd.DataFrame(rows, columns=known.columns)]).sort_values("source")
    frame.to_csv(path, index=False, lineterminator="\n")


def _text(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "facts")
