"""An export and a live snapshot of one account: dollars and metered hours billed, the rest live."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from simulator.snapshot.snapshot import make_snapshot
from simulator.sources.bills import BillError, import_bill
from simulator.sources.bills.merge import merge
from tests.sources.bills.bills import ACCOUNT, DAY, cur2_parquet, mixed_bill

HOURS = pd.date_range(DAY, periods=48, freq="h", tz="UTC")


@pytest.fixture
def bill(tmp_path):
    return import_bill(cur2_parquet(mixed_bill(), tmp_path / "a.parquet")).snapshot


@pytest.fixture
def live(bill):
    place = {"region": "us-west-2", "account_id": ACCOUNT}
    tables = {
        "endpoints": [
            {
                "endpoint_name": "Chat",
                "variant_name": "blue",
                "status": "InService",
                "instance_type": "ml.g5.2xlarge",
                "instance_count": 1,
                "latency_ms": 80.0,
                "needs_gpu": True,
                "owner": "assistants",
                **place,
            },
            {
                "endpoint_name": "new",
                "variant_name": "blue",
                "status": "Creating",
                "instance_type": "ml.m5.large",
                "instance_count": 1,
                **place,
            },
        ],
        "endpoint_traffic": [
            {"endpoint_name": "Chat", "variant_name": "blue", "hour": h, "invocations": 9, **place}
            for h in HOURS
        ],
        "training_jobs": [
            {
                "job_name": "fit",
                "instance_type": "ml.m5.xlarge",
                "instance_count": 4,
                "status": "Failed",
                "failure_reason": "AlgorithmError",
                "billable_seconds": 1.0,
                "training_seconds": 3700.0,
                **place,
            },
        ],
        "storage": [{"bucket": "models", "storage_class": "STANDARD", "gib": 90.0, "objects": 12, **place}],
        "bedrock": [
            {
                "model_id": "anthropic.claude-sonnet-4-5-20250929-v1:0",
                "region": "us-west-2",
                "date": "2026-10-01",
                "requests": 50,
            }
        ],
    }
    manifest = replace(bill.manifest, name="live", sources=(), assumptions=("Seen live.",))
    return make_snapshot(manifest, {n: pd.DataFrame(rows) for n, rows in tables.items()})


def test_traffic_and_settings_are_live_and_hours_are_billed(bill, live):
    merged = merge(bill, live)
    chat = merged.tables["endpoints"].set_index("endpoint_name").loc["Chat"]
    assert (chat["variant_name"], chat["latency_ms"], chat["owner"]) == ("blue", 80.0, "assistants")
    assert chat["instance_hours"] == 48
    assert merged.tables["endpoint_traffic"]["invocations"].sum() == 9 * 48
    assert set(merged.tables["endpoints"]["endpoint_name"]) == {"Chat", "new"}


def test_variants_of_one_type_share_the_billed_hours_by_their_instances(bill, live):
    endpoints = live.tables["endpoints"]
    shadow = endpoints[endpoints["endpoint_name"] == "Chat"].assign(variant_name="green", instance_count=3.0)
    twice = make_snapshot(live.manifest, {**live.tables, "endpoints": pd.concat([endpoints, shadow])})
    chat = merge(bill, twice).tables["endpoints"].set_index("variant_name")
    assert (
        chat.loc["green", "instance_hours"],
        chat[chat["endpoint_name"] == "Chat"]["instance_hours"].sum(),
    ) == (36, 48)


def test_a_job_has_its_state_from_the_live_side_and_its_billed_seconds_per_real_instance(bill, live):
    job = merge(bill, live).tables["training_jobs"].iloc[0]
    assert (job["status"], job["failure_reason"], job["instance_count"]) == ("Failed", "AlgorithmError", 4)
    assert job["billable_seconds"] == pytest.approx(7200 * 2 / 4)


def test_the_bill_plans_and_tokens_are_those_of_the_export(bill, live):
    merged = merge(bill, live)
    assert merged.tables["billed"]["cost_usd"].sum() == pytest.approx(81.0)
    assert len(merged.tables["commitments"]) == 1
    tokens = merged.tables["bedrock"].iloc[0]
    assert (tokens["input_tokens"], tokens["requests"]) == (2_000_000, 50)
    assert merged.tables["storage"]["objects"].tolist() == [12.0]


def test_what_only_the_bill_knows_stays(bill, live):
    without = make_snapshot(live.manifest, {n: t for n, t in live.tables.items() if n in ("storage",)})
    merged = merge(bill, without)
    assert merged.tables["endpoints"]["endpoint_name"].tolist() == ["chat"]
    assert merged.tables["training_jobs"]["job_name"].tolist() == ["fit"]


def test_two_other_accounts_or_times_are_refused_in_words(bill, live):
    later = timedelta(days=60)
    moved = replace(
        live,
        manifest=replace(
            live.manifest,
            window_start=live.manifest.window_start + later,
            window_end=live.manifest.window_end + later,
        ),
    )
    with pytest.raises(BillError, match="windows that overlap by half"):
        merge(bill, moved)
    other = replace(live, manifest=replace(live.manifest, account_ids=("999999999999",)))
    with pytest.raises(BillError, match=r"the live snapshot of 999999999999"):
        merge(bill, other)
