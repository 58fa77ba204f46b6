"""The shipped price tables: form, sources, golden prices. Expected figures are from AWS's pages, by hand."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from pathlib import Path

import botocore
import numpy as np
import pandas as pd
import pytest

from scripts.price_facts import bedrock_list
from simulator.catalog import load_catalog
from simulator.pricing.book import COLUMNS, GRADES, PriceBook
from simulator.pricing.files import ALWAYS_THERE
from simulator.pricing.price import PriceNotFound

ROOT = Path(__file__).parents[2]
DATA = ROOT / "pricing_data"
FACTS = ROOT.parent / "shared" / "facts"
TODAY = date(2026, 11, 24)
UNITS = {
    *("instance_hour", "gb_month", "gb", "gb_second", "request", "token", "transition", "object_month"),
    *("model_unit_hour", "alarm_month", "metric", "metric_month", "dashboard_month", "query", "image"),
    *("hour", "usd", "ocu_hour", "model_month", "cmu_minute", "cmu_month"),
}
US = ("us-east-1", "us-east-2", "us-west-2")


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def prices() -> pd.DataFrame:
    """The shipped files; what a refresh adds is checked as it is read."""
    files = [f for f in sorted((DATA / "prices").glob("*.csv")) if f.name != "refreshed.csv"]
    return pd.concat([table(f).assign(file=f.name) for f in files], ignore_index=True)


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook.load(TODAY)


@pytest.fixture(scope="module")
def facts() -> Path:
    if not FACTS.is_dir():
        pytest.skip("shared/facts is not beside the project: nothing to compare with")
    return FACTS


def test_every_file_has_the_columns_of_the_price_book(prices: pd.DataFrame) -> None:
    assert {*ALWAYS_THERE, "file"} <= set(prices.columns) <= {*COLUMNS, "file"}
    assert set(prices["file"]) >= {"sagemaker.csv", "bedrock.csv", "storage.csv", "other.csv", "assumed.csv"}


def test_a_key_has_one_row_per_date_and_kind(prices: pd.DataFrame) -> None:
    key = prices.assign(assumed=prices["grade"] == "assumed")
    key = key[["component", "item", "region", "tier_from", "effective_from", "assumed"]]
    assert prices[key.duplicated(keep=False)].empty


def test_a_published_price_is_never_doubled_by_an_assumed_one(prices: pd.DataFrame) -> None:
    """A rule may have stood in for a price before it was published, not since."""
    key = ["component", "item", "region", "tier_from"]
    assumed = prices["grade"] == "assumed"
    first = prices[~assumed].groupby(key)["effective_from"].min().rename("published_from")
    both = prices[assumed].merge(first.reset_index(), on=key)
    assert both[both["effective_from"] >= both["published_from"]].empty


def test_prices_are_numbers_of_at_least_zero_per_a_known_unit(prices: pd.DataFrame) -> None:
    usd = prices["usd"].astype(float)
    assert np.isfinite(usd).all()
    assert (usd >= 0).all()
    assert set(prices["unit"]) <= UNITS
    assert set(prices["per"]) <= {"1", "1000", "1000000"}
    assert set(prices["grade"]) <= set(GRADES) - {"own"}


def test_a_price_of_zero_is_one_that_aws_publishes(prices: pd.DataFrame) -> None:
    free = prices[prices["usd"].astype(float) == 0]
    tokens = free[free["component"].str.startswith("bedrock")]
    writes = tokens["component"] == "bedrock_cache_write"
    assert tokens.loc[writes, "item"].str.contains("amazon.nova-").all()
    assert set(tokens.loc[~writes, "component"]) <= {"bedrock_output", "bedrock_batch_output"}
    assert tokens.loc[~writes, "item"].str.contains("embed").all()
    others = free[~free["component"].str.startswith("bedrock")]
    assert set(others["component"]) <= {"storage_retrieval", "storage_retrieval_request", "debugger"}


def test_dates_parse_and_no_price_is_checked_before_it_was_seen(prices: pd.DataFrame) -> None:
    first = pd.to_datetime(prices["effective_from"], format="%Y-%m-%d")
    last = pd.to_datetime(prices["checked_on"], format="%Y-%m-%d")
    assert (first <= last).all()
    assert first.min() >= pd.Timestamp("2023-01-01")
    assert last.max() <= pd.Timestamp(TODAY)


def test_every_source_is_listed(prices: pd.DataFrame) -> None:
    listed = {s for file in DATA.glob("sources*.csv") for s in table(file)["source"]}
    assert set(prices["source"]) <= listed
    for name in ("instances", "models", "spot", "not_offered", "limits"):
        used = {s for cell in table(DATA / f"{name}.csv")["source"] for s in cell.split()}
        assert used <= listed, name


def test_tiers_follow_each_other_without_gap_and_end_open(prices: pd.DataFrame) -> None:
    tiered = prices[(prices["tier_from"] != "") | (prices["tier_to"] != "")]
    assert {"STANDARD", "INTELLIGENT_TIERING_FA", "custom_metric"} <= set(tiered["item"])
    for key, group in tiered.groupby(["component", "item", "region", "effective_from"]):
        steps = group.assign(low=group["tier_from"].astype(float)).sort_values("low")
        assert steps["low"].iloc[0] == 0, key
        assert steps["tier_from"].tolist()[1:] == steps["tier_to"].tolist()[:-1], key
        assert steps["tier_to"].iloc[-1] == "", key
        assert steps["usd"].astype(float).is_monotonic_decreasing, key


def test_standard_storage_has_its_borders_at_50_and_500_binary_terabytes(prices: pd.DataFrame) -> None:
    rows = prices.query("component == 'storage' and item == 'STANDARD' and region == 'us-west-2'")
    assert rows["tier_from"].tolist() == ["0", str(50 * 1024), str(500 * 1024)]
    assert rows["usd"].astype(float).tolist() == [0.023, 0.022, 0.021]


GOLDEN = [
    ("hosting", "ml.g5.2xlarge", "us-west-2", 1.515),
    ("training", "ml.g5.2xlarge", "us-west-2", 1.515),
    ("hosting", "ml.g5.2xlarge", "us-east-1", 1.515),
    ("async_inference", "ml.g5.2xlarge", "us-west-2", 1.515),
    ("training", "ml.g5.12xlarge", "us-west-2", 7.09),
    ("hosting", "ml.g5.12xlarge", "us-west-2", 7.09),
    ("warm_pool", "ml.g5.12xlarge", "us-west-2", 7.09),
    ("training", "ml.g5.xlarge", "us-east-1", 1.408),
    ("hosting", "ml.g5.xlarge", "us-west-2", 1.408),
    ("hosting", "ml.p5.48xlarge", "us-east-1", 63.296),
    ("studio", "ml.t3.medium", "us-east-1", 0.05),
    ("training", "ml.m5.xlarge", "us-east-1", 0.23),
    ("storage", "STANDARD", "us-west-2", 0.023),
    ("storage", "STANDARD_IA", "us-west-2", 0.0125),
    ("storage", "GLACIER_IR", "us-west-2", 0.004),
    ("storage", "GLACIER", "us-west-2", 0.0036),
    ("storage", "DEEP_ARCHIVE", "us-west-2", 0.00099),
    ("storage_transition", "DEEP_ARCHIVE", "us-west-2", 0.05 / 1000),
    ("storage_transition", "STANDARD_IA", "us-west-2", 0.01 / 1000),
    ("storage_monitoring", "INTELLIGENT_TIERING", "us-west-2", 0.0025 / 1000),
    ("storage_retrieval", "STANDARD_IA", "us-east-1", 0.01),
    ("serverless_inference", "gb_second", "us-east-1", 0.00002),
    ("bedrock_input", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-west-2", 3.30 / 1e6),
    ("bedrock_output", "anthropic.claude-haiku-4-5-20251001-v1:0", "us-east-1", 1.1 * 5 / 1e6),
    ("bedrock_cache_read", "us.amazon.nova-lite-v1:0", "us-east-1", 0.015 / 1e6),
    ("bedrock_batch_input", "amazon.nova-pro-v1:0", "us-east-1", 0.40 / 1e6),
    ("bedrock_input", "meta.llama3-1-70b-instruct-v1:0", "us-west-2", 0.72 / 1e6),
    ("cloudwatch", "alarm_standard", "us-east-1", 0.10),
    ("cost_explorer", "request", "us-east-1", 0.01),
]


@pytest.mark.parametrize(("component", "item", "region", "usd"), GOLDEN)
def test_golden_price(book: PriceBook, component: str, item: str, region: str, usd: float) -> None:
    assert book.price(component, item, region).usd == pytest.approx(usd, rel=1e-9)


@pytest.mark.parametrize("component", ["training", "hosting", "studio", "notebook", "warm_pool"])
@pytest.mark.parametrize("region", US)
def test_p4d_has_its_price_after_the_cut_of_june_2025(book: PriceBook, component: str, region: str) -> None:
    assert book.price(component, "ml.p4d.24xlarge", region).usd == pytest.approx(25.2513, abs=0.0001)


def test_p4d_has_its_old_price_before_the_cut() -> None:
    before = PriceBook.load(date(2025, 6, 5)).price("studio", "ml.p4d.24xlarge", "us-east-1")
    after = PriceBook.load(date(2025, 6, 6)).price("studio", "ml.p4d.24xlarge", "us-east-1")
    assert (before.usd, after.usd) == (37.6885, 25.2512883)


def test_a_component_that_follows_hosting_by_rule_costs_what_hosting_does(book: PriceBook) -> None:
    hours = book.rows[book.rows["unit"] == "instance_hour"]
    hosting = hours[hours["component"] == "hosting"].set_index(["item", "region"])["usd"]
    by_rule = hours[(hours["source"] == "rule-R1") & (hours["effective_from"] == "2026-09-22")]
    pairs = pd.MultiIndex.from_frame(by_rule[["item", "region"]])
    listed = pairs.isin(hosting.index)
    assert listed.sum() > 10_000
    apart = np.abs(by_rule["usd"].to_numpy()[listed] / hosting[pairs[listed]].to_numpy() - 1) > 0.0101
    assert set(pairs[listed][apart]) <= {("ml.t2.medium", "us-east-1")}


def test_published_components_of_a_type_agree_within_one_percent_or_a_cent_but_for_those_named(
    book: PriceBook,
) -> None:
    """AWS's own Studio and hosting prices of a type differ in us-west-1 and GovCloud, for g4dn in Osaka, and two
    sizes of g5 look swapped in São Paulo. Else they agree within 1 %, or a cent where Studio is rounded to it."""
    hours = book.rows[(book.rows["unit"] == "instance_hour") & (book.rows["grade"] != "assumed")]
    hours = hours[~hours["component"].isin(["training_plan", "ec2", "savings_plan", "debugger"])]
    spread = hours.groupby(["item", "region"])["usd"].agg(["min", "max", "size"]).query("size > 1")
    agree = (spread["max"] / spread["min"] <= 1.0101) | (spread["max"] - spread["min"] <= 0.0101)
    apart = spread[~agree].reset_index()
    named = apart["region"].isin(["us-west-1", "us-gov-east-1", "us-gov-west-1"])
    named |= (apart["region"] == "ap-northeast-3") & apart["item"].str.startswith("ml.g4dn.")
    named |= (apart["region"] == "sa-east-1") & apart["item"].isin(["ml.g5.12xlarge", "ml.g5.16xlarge"])
    assert len(spread) > 900
    assert apart[~named].empty, f"{agree.mean():.1%} of {len(spread)} pairs agree"


def test_a_type_hosted_in_a_region_is_priced_for_training_there(book: PriceBook) -> None:
    types = table(DATA / "instances.csv").set_index("instance_type")["training_ok"]
    listed = table(DATA / "not_offered.csv")
    refused = set(listed.loc[listed["component"] == "training", "instance_type"])
    trained = book.rows.loc[book.rows["component"] == "training", ["item", "region"]]
    hosted = book.rows.loc[book.rows["component"] == "hosting", ["item", "region"]]
    pairs = set(hosted.itertuples(index=False, name=None)) - set(trained.itertuples(index=False, name=None))
    assert {t for t, _ in pairs if types[t] == "true"} <= refused


def test_an_assumed_price_names_its_rule_and_row(prices: pd.DataFrame) -> None:
    filled = prices[(prices["grade"] == "assumed") & (prices["unit"] == "instance_hour")]
    assert filled["note"].str.match(r"R[12]: \w+ in [a-z]+-[a-z-]+-\d|R3: EC2").all()
    assert filled["file"].isin(["assumed.csv", "rules.csv"]).all()


def test_a_use_that_the_price_list_lacks_gets_no_price_by_rule(prices: pd.DataFrame) -> None:
    refused = table(DATA / "not_offered.csv")
    assert {("training", "ml.r6i.4xlarge"), ("hosting", "ml.r6i.xlarge")} <= set(
        zip(refused["component"], refused["instance_type"], strict=True)
    )
    joined = prices.merge(refused, left_on=["component", "item"], right_on=["component", "instance_type"])
    same_place = (joined["region_y"] == "*") | (joined["region_x"] == joined["region_y"])
    assert joined[same_place & (joined["grade"] == "assumed")].empty


def test_a_use_that_the_api_excludes_gets_no_assumed_price(prices: pd.DataFrame) -> None:
    types = table(DATA / "instances.csv").set_index("instance_type")
    assumed = prices[(prices["grade"] == "assumed") & (prices["component"] == "batch_transform")]
    assert (types.loc[assumed["item"], "transform_ok"] == "true").all()
    assert types.loc["ml.p4d.24xlarge", "transform_ok"] == "false"
    assert "ml.p4d.24xlarge" not in set(assumed["item"])


def test_every_priced_type_region_and_model_has_a_code(prices: pd.DataFrame) -> None:
    catalog = load_catalog()
    hours = prices[
        (prices["unit"] == "instance_hour") & ~prices["component"].isin(["savings_plan", "debugger"])
    ]
    assert (catalog.type_code(hours["item"]) >= 0).all()
    regions = prices.loc[prices["region"] != "*", "region"]
    assert (catalog.region_code(regions) >= 0).all()
    tokens = prices[prices["unit"] == "token"]
    units = prices[prices["unit"] == "model_unit_hour"]
    assert set(tokens["item"]) | set(units["item"]) == set(catalog.models)


def test_limits_of_the_api_are_those_of_botocore() -> None:
    path = Path(botocore.__file__).parent / "data" / "sagemaker" / "2017-07-24" / "service-2.json.gz"
    shapes = json.loads(gzip.decompress(path.read_bytes()))["shapes"]
    limits = load_catalog().limits
    assert limits["serverless_memory_min_mb"] == shapes["ServerlessMemorySizeInMB"]["min"]
    assert limits["serverless_memory_max_mb"] == shapes["ServerlessMemorySizeInMB"]["max"]
    assert limits["serverless_max_concurrency"] == shapes["ServerlessMaxConcurrency"]["max"]
    assert limits["warm_pool_keep_alive_max_seconds"] == shapes["KeepAlivePeriodInSeconds"]["max"]
    assert limits["training_max_retries"] == shapes["MaximumRetryAttempts"]["max"]
    assert limits["studio_idle_timeout_min_minutes"] == shapes["IdleTimeoutInMinutes"]["min"]
    assert limits["studio_idle_timeout_max_minutes"] == shapes["IdleTimeoutInMinutes"]["max"]


@pytest.mark.parametrize(
    ("name", "days"),
    [("STANDARD_IA", 30), ("ONEZONE_IA", 30), ("GLACIER_IR", 90), ("GLACIER", 90), ("DEEP_ARCHIVE", 180)],
)
def test_minimum_storage_days_are_those_of_the_s3_guide(name: str, days: int) -> None:
    assert load_catalog().limits[f"s3_min_days_{name}"] == days


# Comparison with the facts the tables were made from.


def test_the_import_writes_exactly_the_files_in_the_project(facts: Path, tmp_path: Path) -> None:
    from scripts.import_facts import main

    main(facts, tmp_path)
    for made in sorted(tmp_path.rglob("*.csv")):
        kept = DATA / made.relative_to(tmp_path)
        assert made.read_bytes() == kept.read_bytes(), (
            f"run python -m scripts.import_facts: {kept.name} differs"
        )


def test_every_us_east_1_instance_price_of_the_facts_is_represented(
    facts: Path, prices: pd.DataFrame
) -> None:
    rows = table(facts / "sagemaker_instances.csv").query("region == 'us-east-1' and as_of != ''")
    ours = prices[(prices["region"] == "us-east-1") & (prices["grade"] != "assumed")]
    by_key = dict(list(ours.groupby(["component", "item"])))
    missing = []
    for row in rows.itertuples():
        names = ("notebook", "studio", "hosting") if row.component == "any" else (row.component,)
        groups = [by_key[c, row.instance_type] for c in names if (c, row.instance_type) in by_key]
        if not any(_covers(group, float(str(row.usd_per_hour)), str(row.as_of)) for group in groups):
            missing.append((row.component, row.instance_type, row.usd_per_hour, row.as_of))
    assert len(rows) > 300
    assert not missing


def _covers(group: pd.DataFrame, usd: float, day: str) -> bool:
    """A row that was in force on the day, at the price up to the rounding of the source (a cent, 1 %)."""
    near = (group["usd"].astype(float) - usd).abs() <= min(0.0101, 0.01 * usd)
    return bool((near & (group["effective_from"] <= day) & (group["checked_on"] >= day)).any())


def test_every_us_east_1_storage_price_of_the_facts_is_represented(facts: Path, prices: pd.DataFrame) -> None:
    rows = table(facts / "s3.csv").query("region == 'us-east-1'")
    ours = prices[(prices["region"] == "us-east-1") & prices["component"].str.startswith("storage")]
    assert len(ours) == len(rows) > 50
    assert sorted(ours["usd"]) == sorted(rows["value"])
    assert (ours["per"] == "1000").sum() == rows["unit"].str.contains("1000").sum()


def test_every_us_east_1_price_of_the_other_facts_is_represented(facts: Path, prices: pd.DataFrame) -> None:
    ours = prices[prices["region"].isin(["us-east-1", "*"])]
    misc = table(facts / "misc.csv").query("region == 'us-east-1'")
    misc = misc[misc["unit"].str.startswith("usd")]
    assert set(misc["value"]) <= set(ours["usd"])
    refused = table(DATA / "not_offered.csv").query("region == 'us-east-1'")
    written = table(facts / "misc.csv").query("region == 'us-east-1' and unit == 'boolean'")
    assert len(refused) == len(written) > 0
    bedrock = table(facts / "bedrock_models.csv").query("region == 'us-east-1' and usd_per_1m_input != ''")
    key = set(
        map(tuple, prices.loc[prices["component"] == "bedrock_input", ["item", "region", "usd"]].to_numpy())
    )
    assert len(bedrock) > 10
    assert set(map(tuple, bedrock[["model_id", "region", "usd_per_1m_input"]].to_numpy())) <= key


def test_every_spot_saving_of_the_facts_is_represented(facts: Path) -> None:
    rows = table(facts / "spot.csv").query("spot_savings_pct_vs_on_demand != ''")
    rows = rows[~rows["spot_savings_pct_vs_on_demand"].str.startswith("-")]
    ours = table(DATA / "spot.csv")
    key = set(zip(ours["region"], ours["instance_type"], ours["saving_ratio"].astype(float), strict=True))
    saving = rows["spot_savings_pct_vs_on_demand"].astype(float) / 100
    assert set(zip(rows["region"], "ml." + rows["ec2_instance_type"], saving, strict=True)) == key


def test_ec2_ratio_meets_the_hosting_list_as_measured(facts: Path) -> None:
    """2,054 pairs: 95.1 % within 0.5 %, 99.0 % within 5 % (issue 14)."""
    from scripts.backtest_r3 import errors

    found = np.array(errors(facts))
    assert len(found) == 2054
    assert (found <= 0.005).mean() == pytest.approx(0.951, abs=0.0005)
    assert (found <= 0.05).mean() == pytest.approx(0.990, abs=0.0005)


def test_random_prices_of_the_facts_are_what_prices_show_says(facts: Path) -> None:
    """200 prices of the hosting, serverless and Bedrock lists are the ones in force."""
    from simulator.pricing.audit import history, select

    rows = history(date(2026, 11, 28))
    hosting = table(facts / "hosting_2026-09-22.csv").sample(120, random_state=14)
    wanted = [(f"hosting/{t}", r, float(usd)) for r, t, usd in hosting.itertuples(index=False)]
    serverless = table(facts / "serverless_2026-09-22.csv").sample(20, random_state=14)
    wanted += [
        ("serverless_inference/gb_second", r, float(usd) / int(gb))
        for r, gb, usd in serverless.itertuples(index=False)
    ]
    claude = table(facts / "bedrock_2026-10.csv")
    claude = claude[claude["model_id"].isin(["claude-sonnet-4.5", "claude-opus-4.6", "claude-haiku-4.5"])]
    claude = claude[(claude["tier"] == "standard") & (claude["scope"] == "global")]
    ids = {
        "claude-sonnet-4.5": "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "claude-opus-4.6": "global.anthropic.claude-opus-4-6-v1",
        "claude-haiku-4.5": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    }
    tokens = claude.assign(region=claude["regions"].str.split()).explode("region").sample(60, random_state=14)
    wanted += [
        (f"bedrock_{t.direction}/{ids[str(t.model_id)]}", t.region, float(str(t.usd_per_million)) / 1e6)
        for t in tokens.itertuples()
    ]
    assert len(wanted) == 200
    for key, region, usd in wanted:
        shown = select(rows, [key], [region])
        shown = shown[shown["in_force"] & (shown["region"] == region)]
        assert shown["usd_per_unit"].tolist() == pytest.approx([usd], rel=1e-6), (key, region)


def test_plain_claude_since_4_5_costs_a_tenth_more_than_global_and_nova_writes_nothing(
    book: PriceBook,
) -> None:
    plain = book.price("bedrock_input", "anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1")
    world = book.price("bedrock_input", "global.anthropic.claude-sonnet-4-5-20250929-v1:0", "us-east-1")
    assert [plain.usd * 1e6, world.usd * 1e6] == pytest.approx([3.3, 3.0])
    assert book.price("bedrock_cache_write", "amazon.nova-pro-v1:0", "us-east-1").usd == 0.0


def test_china_is_known_and_has_no_price(book: PriceBook) -> None:
    assert "cn-northwest-1" in load_catalog().regions
    with pytest.raises(PriceNotFound, match="cn-northwest-1"):
        book.price("hosting", "ml.g5.2xlarge", "cn-northwest-1")


def test_every_listed_hosting_price_and_every_bedrock_price_of_the_facts_is_in_force(
    facts: Path, book: PriceBook
) -> None:
    """Not a sample: all of them. A price another source states is a conflict to be settled, not left to its date."""
    first = book.rows[book.rows["tier_from"] == 0]
    keys = zip(first["component"], first["item"], first["region"], strict=True)
    known = dict(zip(keys, first["usd"] / first["per"], strict=True))
    with (facts / "hosting_2026-09-22.csv").open(encoding="utf-8", newline="") as file:
        hosted = [
            (("hosting", r["instance_type"], r["region"]), float(r["usd_per_hour"]))
            for r in csv.DictReader(file)
        ]
    rows = [((r.component, r.item, r.region), float(r.usd) / 1e6) for r in bedrock_list.prices(facts)]
    assert len(hosted) == 4003
    assert len(rows) > 10_000
    wrong = [
        (k, usd, known.get(k)) for k, usd in [*hosted, *rows] if known.get(k) != pytest.approx(usd, rel=1e-9)
    ]
    assert not wrong, wrong[:5]
