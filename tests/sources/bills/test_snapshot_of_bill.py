"""What a bill becomes in the snapshot: hours, counts, jobs, tokens, gigabytes, plans, the window."""

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest

from simulator import Account
from simulator.analysis.reconcile import reconcile
from simulator.snapshot.snapshot import load_snapshot, save_snapshot
from simulator.sources.bills import import_bill
from tests.accounts import prices
from tests.sources.bills.bills import ACCOUNT, ARN, cur2_csv, cur2_parquet, line, mixed_bill


def tables(tmp_path, lines):
    return import_bill(cur2_parquet(lines, tmp_path / "bill.parquet")).snapshot.tables


def endpoint(name, hours, *, first=0, instance="ml.g5.2xlarge", token="Host"):
    own: dict[str, Any] = {"resource": f"{ARN}endpoint/{name}"}
    return [
        line(f"USW2-{token}:{instance}", q, quantity=q, hour=first + i, **own)
        for i, q in enumerate(hours)
        if q
    ]


def test_covered_and_uncovered_parts_of_an_hour_are_one_instance(tmp_path):
    row = tables(tmp_path, mixed_bill())["endpoints"].iloc[0]
    assert (row["endpoint_name"], row["instance_count"], row["instance_hours"]) == ("chat", 1, 48)
    assert math.isnan(row["scaling_max"])
    assert (row["owner"], row["account_id"]) == ("search", ACCOUNT)


def test_negation_is_not_usage(tmp_path):
    hourly = tables(tmp_path, mixed_bill())["hourly_usage"]
    hosting = hourly[hourly["component"] == "hosting"]
    assert hosting["instance_hours"].tolist() == [1.0] * 48


def test_a_job_of_two_instances_from_half_past_to_half_past(tmp_path):
    row = tables(tmp_path, mixed_bill())["training_jobs"].iloc[0]
    assert (row["job_name"], row["instance_count"], row["billable_seconds"]) == ("fit", 2, 7200)
    assert row["started_at"] == datetime(2026, 10, 1, 10, 30, tzinfo=UTC)
    assert row["ended_at"] == datetime(2026, 10, 1, 12, 30, tzinfo=UTC)


def test_spot_and_warm_pool_of_a_job(tmp_path):
    own: dict[str, Any] = {"resource": f"{ARN}training-job/cheap"}
    lines = [
        line("USW2-TrSpt:ml.m5.xlarge", 1.0, quantity=0.5, **own),
        line("USW2-TrainWarmPool:ml.m5.xlarge", 1.0, quantity=0.25, hour=1, **own),
    ]
    row = tables(tmp_path, lines)["training_jobs"].iloc[0]
    assert row["spot_enabled"]
    assert math.isnan(row["training_seconds"])
    assert (row["billable_seconds"], row["warm_pool_seconds"]) == (1800, 900)


def test_an_endpoint_whose_count_moves_is_taken_to_scale(tmp_path):
    row = tables(tmp_path, endpoint("web", [2, 2, 4, 3] * 6))["endpoints"].iloc[0]
    assert (row["scaling_min"], row["scaling_max"], row["instance_count"], row["instance_hours"]) == (
        2,
        4,
        3,
        66,
    )


def test_an_endpoint_that_stopped_is_out_of_service_and_a_young_one_has_an_age(tmp_path):
    lines = (
        endpoint("old", [1] * 24)
        + endpoint("young", [0.5] + [1] * 10, first=61)
        + endpoint("steady", [1] * 72)
    )
    rows = tables(tmp_path, lines)["endpoints"].set_index("endpoint_name")
    assert rows.loc["old", "status"] == "OutOfService"
    assert rows.loc["young", "status"] == "InService"
    assert rows.loc["young", "created_at"] == datetime(2026, 10, 3, 13, 30, tzinfo=UTC)
    assert rows["created_at"].notna().tolist() == [n == "young" for n in rows.index]


def test_an_endpoint_over_the_turn_of_a_month_is_one(tmp_path):
    found = tables(tmp_path, endpoint("web", [0.5] + [1] * 4 + [2, 0.25], first=740))
    row = found["endpoints"].iloc[0]
    assert (len(found["endpoints"]), row["instance_hours"], row["instance_count"]) == (1, 6.75, 2)
    assert (row["scaling_min"], row["scaling_max"], row["status"]) == (1, 2, "InService")
    assert sorted(found["billed"]["period_start"].dt.month) == [10, 11]


def test_an_empty_id_and_none_are_the_same(tmp_path):
    lines = [line("USW2-Host:ml.g5.2xlarge", 1.0, quantity=1.5, hour=h) for h in range(6)]
    lines += [line("USW2-Host:ml.g5.2xlarge", 1.0, hour=h, line_item_resource_id=None) for h in range(6)]
    rows = tables(tmp_path, lines)["endpoints"]
    assert rows["endpoint_name"].tolist() == ["all ml.g5.2xlarge in us-west-2"]
    assert (rows["instance_hours"].tolist(), rows["instance_count"].tolist()) == ([15.0], [3])


def test_lines_of_half_an_hour_add_up_to_their_hour(tmp_path):
    own: dict[str, Any] = {"resource": f"{ARN}endpoint/web", "quantity": 0.5, "hours": 0.5}
    lines = [line("USW2-Host:ml.g5.2xlarge", 1.0, hour=h, **own) for h in (3.0, 3.5, 4.0, 4.5, 5.0)]
    hourly = tables(tmp_path, lines)["hourly_usage"]
    assert [h.hour for h in hourly["hour"]] == [3, 4, 5]
    assert hourly["instance_hours"].tolist() == [1.0, 1.0, 0.5]


def test_the_region_of_the_arn_counts_where_nothing_else_tells_it(tmp_path):
    lines = [
        line("Host:ml.g5.2xlarge", 1.0, region="", resource=f"{ARN}endpoint/told"),
        line("Host:ml.g5.2xlarge", 1.0, region="", resource="endpoint-without-arn"),
    ]
    billed = tables(tmp_path, lines)["billed"]
    assert sorted(billed["region"]) == ["us-east-1", "us-west-2"]


def test_a_resource_that_names_the_model_is_believed(tmp_path):
    own: dict[str, Any] = {"unit": "1K tokens", "product": "AmazonBedrock"}
    arn = "arn:aws:bedrock:us-west-2:1:inference-profile/us.anthropic.claude-sonnet-4-6"
    lines = [
        line("USW2-Claude4.5Sonnet-input-tokens", 1.0, resource=arn, **own),
        line("USW2-NovaPro-input-tokens", 1.0, **own),
    ]
    rows = tables(tmp_path, lines)["bedrock"].set_index("model_id")
    assert rows.loc["anthropic.claude-sonnet-4-6", "scope"] == "us"
    assert rows.loc["amazon.nova-pro-v1:0", "scope"] == ""


def test_async_serverless_and_volumes_of_endpoints(tmp_path):
    lines = endpoint("batchy", [1] * 24, token="AsyncInf")
    lines += [
        line(
            "USW2-Host:VolumeUsage.gp2",
            1.0,
            quantity=24 * 30 / 730,
            unit="GB-Mo",
            resource=f"{ARN}endpoint/batchy",
        ),
        line(
            "USW2-ServerlessInf:Mem-2GB", 1.0, quantity=900.0, unit="seconds", resource=f"{ARN}endpoint/tiny"
        ),
        line("USW2-Data-Bytes-Out", 1.0, quantity=3.0, unit="GB", resource=f"{ARN}endpoint/tiny"),
    ]
    rows = tables(tmp_path, lines)["endpoints"].set_index("endpoint_name")
    assert (rows.loc["batchy", "mode"], rows.loc["batchy", "volume_gb"]) == ("async", pytest.approx(30))
    tiny = rows.loc["tiny"]
    assert (
        tiny["mode"],
        tiny["serverless_memory_mb"],
        tiny["serverless_seconds"],
        tiny["serverless_io_gb"],
    ) == ("serverless", 2048, 900, 3)


def test_without_resource_ids_one_type_in_one_region_is_one_resource(tmp_path):
    lines = [line("USW2-Host:ml.g5.2xlarge", 3.0, quantity=3.0, hour=h) for h in range(24)]
    lines += [line("USW2-Train:ml.m5.large", 1.0, quantity=2.5)]
    found = tables(tmp_path, lines)
    row, job = found["endpoints"].iloc[0], found["training_jobs"].iloc[0]
    assert (row["endpoint_name"], row["instance_count"], row["instance_hours"]) == (
        "all ml.g5.2xlarge in us-west-2",
        3,
        72,
    )
    assert job["billable_seconds"] * job["instance_count"] == pytest.approx(2.5 * 3600)


def test_notebooks_apps_and_jobs_become_compute(tmp_path):
    lines = [
        line("USW2-Notebk:ml.t3.medium", 1.0, hour=h, resource=f"{ARN}notebook-instance/nb") for h in range(5)
    ]
    lines += [
        line(
            "USW2-Studio:JupyterLab-ml.m5.large",
            1.0,
            quantity=0.5,
            resource=f"{ARN}app/d-1/ana/jupyterlab/default",
        )
    ]
    lines += [
        line("USW2-Processing:ml.m5.xlarge", 8.0, quantity=4.0, hour=h, resource=f"{ARN}processing-job/prep")
        for h in (0, 1)
    ]
    rows = tables(tmp_path, lines)["compute"].set_index("kind")
    assert (rows.loc["notebook", "name"], rows.loc["notebook", "hours"]) == ("nb", 5)
    assert (rows.loc["studio", "name"], rows.loc["studio", "hours"]) == ("d-1/ana/jupyterlab/default", 0.5)
    assert (rows.loc["processing", "instance_count"], rows.loc["processing", "hours"]) == (4, 2)


def test_tokens_are_counted_by_day_and_an_unbilled_direction_is_unknown(tmp_path):
    row = tables(tmp_path, mixed_bill())["bedrock"].iloc[0]
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (2_000_000, 200_000, 9.0)
    assert math.isnan(row["cache_read_tokens"])
    assert math.isnan(row["requests"])


def test_gibibytes_are_the_gb_months_over_the_months_of_the_window(tmp_path):
    row = tables(tmp_path, mixed_bill())["storage"].iloc[0]
    assert (row["bucket"], row["storage_class"]) == ("models", "STANDARD")
    assert row["gib"] == pytest.approx(2 * (100 / 31) / (2 / 31))


def test_the_plan_of_a_fee_line_comes_with_its_term(tmp_path):
    row = tables(tmp_path, mixed_bill())["commitments"].iloc[0]
    assert (row["plan_id"], row["hourly_commitment_usd"], row["payment"], row["term_years"]) == (
        "plan-1",
        0.5,
        "no_upfront",
        1,
    )
    assert row["end"] == datetime(2027, 3, 1, tzinfo=UTC)


def test_a_plan_for_other_services_is_no_commitment(tmp_path):
    lines = [
        *mixed_bill(),
        line(
            "ComputeSP:1yrNoUpfront",
            3.6,
            kind="SavingsPlanRecurringFee",
            product="ComputeSavingsPlans",
            hours=24,
        ),
    ]
    found = import_bill(cur2_parquet(lines, tmp_path / "b.parquet")).snapshot
    assert len(found.tables["commitments"]) == 1
    assert any("cannot cover SageMaker" in a for a in found.manifest.assumptions)


def test_tax_for_the_month_does_not_stretch_the_window(tmp_path):
    manifest = import_bill(cur2_parquet(mixed_bill(), tmp_path / "b.parquet")).snapshot.manifest
    assert manifest.window_start == datetime(2026, 10, 1, tzinfo=UTC)
    assert manifest.window_end == datetime(2026, 10, 3, tzinfo=UTC)
    assert manifest.account_ids == (ACCOUNT,)


def test_an_offset_is_counted(tmp_path):
    path = cur2_csv(endpoint("web", [1] * 24), tmp_path / "b.csv")
    text = path.read_text().replace("2026-10-01T00:00:00.000Z", "2026-10-01T02:00:00+02:00")
    path.write_text(text)
    assert import_bill(path).snapshot.manifest.window_start == datetime(2026, 10, 1, tzinfo=UTC)


def test_daily_lines_give_counts_but_no_hourly_profile(tmp_path):
    own: dict[str, Any] = {"resource": f"{ARN}endpoint/web", "hours": 24}
    lines = [line("USW2-Host:ml.g5.2xlarge", 48.0, quantity=48.0, hour=24 * d, **own) for d in range(3)]
    found = tables(tmp_path, lines)
    assert found["endpoints"].iloc[0]["instance_count"] == 2
    assert found["hourly_usage"].empty


def test_a_type_nobody_knows_is_a_resource_priced_by_the_bill_and_is_said(tmp_path):
    """One hour billed at $7: the endpoint's hour is worth $7 in the baseline of the window."""
    imported = import_bill(
        cur2_parquet(
            [line("USW2-Host:ml.zz9.large", 7.0, resource=f"{ARN}endpoint/x")], tmp_path / "b.parquet"
        )
    )
    assert imported.report.classified_usd == {"hosting": 7.0}
    assert imported.snapshot.tables["endpoints"]["instance_type"].tolist() == ["ml.zz9.large"]
    assert any("ml.zz9.large" in w for w in imported.report.warnings)
    (hosting,) = reconcile(Account.open(imported.snapshot), prices(date(2026, 11, 28)))
    assert [hosting.explained_usd, hosting.billed_usd] == pytest.approx([7.0, 7.0])


def test_an_imported_snapshot_can_be_saved_and_loaded(tmp_path):
    snapshot = import_bill(cur2_parquet(mixed_bill(), tmp_path / "b.parquet")).snapshot
    save_snapshot(snapshot, tmp_path / "account.zip")
    assert load_snapshot(tmp_path / "account.zip").fingerprint() == snapshot.fingerprint()
