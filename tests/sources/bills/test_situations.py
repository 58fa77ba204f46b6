# ruff: noqa: DTZ001  bills are in UTC without a mark
"""Situations that people report of their bills, two or more of each kind, with values worked out by hand.

One ml.g5.2xlarge endpoint is $1.515 an hour: $36.36 a day, $1,090.80 in September, 1.515 × 730 = $1,105.95 a month.
Ten hours of training a day are $15.15: 10 × 30 × 1.515 × 730 / 720 = $460.81 a month.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from simulator.sources.bills import BillError, import_bill
from tests.sources.bills.situations import (
    ACCOUNT,
    G5,
    SEPTEMBER,
    Line,
    cur2_csv,
    cur2_parquet,
    cur_rows,
    daily,
    endpoint,
    explorer_csv,
    explorer_json,
    focus_csv,
    focus_row,
    hosting,
    hourly,
    legacy_csv,
    tried,
    write_csv,
)

MONTH, TRAINING = 1105.95, 460.81
OCTOBER = datetime(2026, 10, 1)
SAGEMAKER = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:"
HEAD = ["Usage type", f"USE1-{G5}($)", f"USE1-{G5}(Hrs)", "Total costs($)"]
PLAN = f"arn:aws:savingsplans::{ACCOUNT}:savingsplan/00000000-0000-4000-8000-0000000000aa"
SONNET = "Claude Sonnet 4.6 (Amazon Bedrock Edition)"


MORE = pytest.mark.thorough


def train(hours: float = 10.0, usd: float = 15.15, **more) -> Line:
    return Line("USE1-Train:ml.g5.2xlarge", hours, usd, resource=f"{SAGEMAKER}training-job/fit", **more)


def machine(**more) -> Line:
    return Line("USE1-BoxUsage:m5.large", 24.0, 2.304, product="AmazonEC2", resource="i-1", **more)


def days_of(count: int, first: int = 1):
    return [[f"2026-09-{d:02d}", 36.36, 24, 36.36] for d in range(first, first + count)]


class TestIdentity:
    @pytest.mark.parametrize("writer", [cur2_parquet, pytest.param(focus_csv, marks=MORE)])
    @pytest.mark.parametrize("top", [True, False])
    def test_two_executions_of_data_exports(self, tmp_path, writer, top):
        """9 days, then 20 days: 20 × 36.36 = $727.20; with the month's manifest, or each execution's alone."""
        for i, (stamp, days) in enumerate((("2026-09-10T00:00:00Z", 9), ("2026-09-21T00:00:00Z", 20))):
            period = f"BILLING_PERIOD=2026-09/{stamp}-exec{i}"
            data, about = tmp_path / "exp/data" / period, tmp_path / "exp/metadata" / period
            data.mkdir(parents=True)
            about.mkdir(parents=True)
            writer(hosting(days), data / "exp-00001.bin")
            manifest = {"executionId": f"exec{i}", "dataFiles": [f"s3://b/exp/data/{period}/exp-00001.bin"]}
            (about / "exp-Manifest.json").write_text(json.dumps(manifest))
        if top:
            (about.parent / "exp-Manifest.json").write_text(json.dumps(manifest))
        found = tried(tmp_path)
        assert found.report.unblended_usd == pytest.approx(727.20)
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)
        assert found.says("exec0")

    def test_a_corrected_delivery_is_refused_with_both_names(self, tmp_path):
        """The same usage at two costs, and nothing that tells which is newer: adding up would be $2,159.78."""
        for assembly, share in (("aaa", 1.0), ("bbb", 0.98)):
            folder = tmp_path / "20260901-20261001" / assembly
            folder.mkdir(parents=True)
            legacy_csv([replace(x, usd=x.usd * share) for x in hosting()], folder / "cur-1.csv")
        with pytest.raises(BillError, match=r"aaa.*bbb"):
            import_bill(tmp_path)

    def test_of_corrected_deliveries_the_newer_folder_counts(self, tmp_path):
        """98 % of $1,090.80 = $1,068.98."""
        for stamp, share in (("20261002T000000Z", 1.0), ("20261009T000000Z", 0.98)):
            folder = tmp_path / "20260901-20261001" / stamp
            folder.mkdir(parents=True)
            legacy_csv([replace(x, usd=x.usd * share) for x in hosting()], folder / "cur-1.csv")
        assert import_bill(tmp_path).report.unblended_usd == pytest.approx(1068.98, abs=0.01)

    @pytest.mark.parametrize("repeated", [5, pytest.param(30, marks=MORE)])
    @pytest.mark.parametrize("form", ["focus", "extract", "legacy"])
    def test_repeated_lines_count_once(self, tmp_path, form, repeated):
        rows = [focus_row(x, "1.2") for x in hosting()] if form == "focus" else cur_rows(hosting())
        without = ["identity/LineItemId", "identity/TimeInterval"] if form == "extract" else []
        found = tried(write_csv([*rows, *rows[:repeated]], tmp_path / "a.csv", without=without))
        assert found.report.unblended_usd == pytest.approx(1090.80)
        assert found.says(f"{repeated} lines repeat", "counted once")

    def test_equal_endpoints_of_an_extract_without_resources_are_two(self, tmp_path):
        """Nothing tells the lines apart, and nothing says that they are one: two endpoints, $2,181.60."""
        rows = cur_rows([x for x in hosting() for _ in range(2)])
        hidden = ["identity/LineItemId", "identity/TimeInterval", "lineItem/ResourceId"]
        report = import_bill(write_csv(rows, tmp_path / "a.csv", without=hidden)).report
        assert report.unblended_usd == pytest.approx(2181.60)

    def test_a_report_and_three_months_of_cost_explorer(self, tmp_path):
        """September from the report, July and August (31 days: $1,127.16 each) from Cost Explorer."""
        legacy_csv(hosting(), tmp_path / "cur.csv")
        months = [("2026-07-01", 1127.16, 744), ("2026-08-01", 1127.16, 744), ("2026-09-01", 1090.8, 720)]
        explorer_csv([HEAD, *[[m, usd, h, usd] for m, usd, h in months]], tmp_path / "ce.csv")
        found = tried(tmp_path)
        assert found.report.unblended_usd == pytest.approx(3345.12)
        assert found.run_rate == pytest.approx(MONTH, abs=0.6)

    def test_one_month_by_day_and_by_month_and_by_service(self, tmp_path):
        explorer_csv([HEAD, *days_of(30)], tmp_path / "day.csv")
        explorer_csv([HEAD, ["2026-09-01", 1090.8, 720, 1090.8]], tmp_path / "month.csv")
        services: list[list[Any]] = [
            ["Service", "SageMaker($)"],
            *[[f"2026-09-{d:02d}", 36.36] for d in range(1, 31)],
        ]
        explorer_csv(services, tmp_path / "service.csv")
        found = tried(tmp_path)
        assert found.report.unblended_usd == pytest.approx(1090.80)
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)

    def test_two_accounts_in_two_formats_are_two(self, tmp_path):
        legacy_csv(hosting(), tmp_path / "a.csv")
        other = [
            replace(x, account="444455556666", resource=endpoint(account="444455556666")) for x in hosting()
        ]
        focus_csv(other, tmp_path / "b.csv")
        assert tried(tmp_path).run_rate == pytest.approx(2 * MONTH, abs=0.02)


def explored(path: Path, months):
    """Training hours by month, as Cost Explorer answers; None is a month without any line."""
    periods = []
    for start, end, hours in months:
        own = (
            []
            if hours is None
            else [(("Amazon SageMaker", "USE1-Train:ml.g5.2xlarge"), hours * 1.515, hours, "Hrs")]
        )
        periods.append((start, end, own))
    return explorer_json(periods, path)


class TestWindow:
    @pytest.mark.parametrize("busy", [0, 1, 2])
    def test_months_without_a_line_are_covered(self, tmp_path, busy):
        """100 h in one of three months: 151.50 × 730 / 2,208 h = $50.09."""
        months = [("2026-07-01", "2026-08-01"), ("2026-08-01", "2026-09-01"), ("2026-09-01", "2026-10-01")]
        path = explored(
            tmp_path / "x.json", [(*m, 100.0 if i == busy else None) for i, m in enumerate(months)]
        )
        assert tried(path).run_rate == pytest.approx(50.09, abs=0.01)

    def test_an_empty_month_of_the_console_is_covered(self, tmp_path):
        """100 h and 50 h in three months: 227.25 × 730 / 2,208 = $75.13."""
        head = [
            "Usage type",
            "USE1-Train:ml.g5.2xlarge($)",
            "USE1-Train:ml.g5.2xlarge(Hrs)",
            "Total costs($)",
        ]
        rows = [
            ["2026-07-01", 151.5, 100, 151.5],
            ["2026-08-01", "", "", 0],
            ["2026-09-01", 75.75, 50, 75.75],
        ]
        found = tried(explorer_csv([head, *rows], tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(75.13, abs=0.01)

    def test_a_table_of_months_of_which_the_first_is_cut(self, tmp_path):
        """17 days of July and August: 48 days, not two."""
        rows = [["2026-07-15", 618.12, 408, 618.12], ["2026-08-01", 1127.16, 744, 1127.16]]
        found = tried(explorer_csv([HEAD, *rows], tmp_path / "a.csv"))
        assert found.imported.snapshot.window_hours == 48 * 24
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)

    @pytest.mark.parametrize(
        "writer", [cur2_parquet, *(pytest.param(w, marks=MORE) for w in (legacy_csv, focus_csv))]
    )
    @pytest.mark.parametrize("start", [datetime(2026, 7, 1), datetime(2026, 10, 3)])
    def test_a_large_correction_keeps_its_dollars_and_is_not_in_the_run_rate(self, tmp_path, writer, start):
        """300 h of September, and 200 h ($303.00) of another month on its bill: $757.50, $460.81 a month."""
        other = train(200.0, 303.0, start=start, end=start + timedelta(days=1), month=SEPTEMBER)
        found = tried(writer([*daily(train(), 30), other], tmp_path / "a.bin"))
        assert found.report.unblended_usd == pytest.approx(757.50)
        assert found.run_rate == pytest.approx(TRAINING, abs=0.01)
        assert found.says("other periods", "$303.00", f"{start:%Y-%m-%d}")

    def test_a_missing_month_is_left_out_of_the_hours(self, tmp_path):
        lines = daily(train(), 31, datetime(2026, 7, 1)) + daily(train(), 30)
        found = tried(cur2_csv(lines, tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(TRAINING, abs=0.01)
        assert found.says("2026-08-01 to 2026-09-01", "744")

    @pytest.mark.parametrize("first", [datetime(2026, 9, 15), datetime(2026, 8, 20)])
    def test_an_export_filtered_to_a_later_start(self, tmp_path, first):
        """An endpoint that runs at full strength from the first line on, and nothing before: cut there."""
        days = (OCTOBER - first).days
        found = tried(legacy_csv(hosting(days, first) + daily(train(), days, first), tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(MONTH + TRAINING, abs=0.02)
        assert found.says("filtered", f"{first:%Y-%m-%d}")

    def test_jobs_alone_do_not_tell_that_an_export_was_filtered(self, tmp_path):
        """Three runs late in September: 30 h × 1.515 × 730 / 720 with the month covered; and said."""
        late = daily(train(), 3, datetime(2026, 9, 28))
        found = tried(legacy_csv(late, tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(46.08, abs=0.01)
        assert found.says("no line before 2026-09-28", "too low")

    @pytest.mark.parametrize("hours_east", [-7, 2])
    def test_times_in_another_zone(self, tmp_path, hours_east):
        shift = timedelta(hours=hours_east)

        def spelled(_, value):
            if isinstance(value, datetime):
                return f"{value + shift:%Y-%m-%dT%H:%M:%S}{hours_east:+03d}:00"
            return "" if value is None else str(value)

        found = tried(legacy_csv(hosting() + daily(train(), 30), tmp_path / "a.csv", text=spelled))
        assert found.run_rate == pytest.approx(MONTH + TRAINING, abs=0.02)

    def test_half_a_day_of_an_open_month_by_the_hour(self, tmp_path):
        """300 hours are covered; two hours of training on each of 13 days: 26 × 1.515 × 730 / 300 = $95.85."""
        lines = hourly(replace(machine(), quantity=1.0, usd=0.096), 300)
        for day in range(13):
            lines += hourly(train(1.0, 1.515), 2, SEPTEMBER + timedelta(days=day, hours=9))
        assert tried(cur2_parquet(lines, tmp_path / "a.parquet")).run_rate == pytest.approx(95.85, abs=0.01)

    def test_without_billing_periods_a_stray_is_a_stray(self, tmp_path):
        stray = train(start=datetime(2026, 6, 3), end=datetime(2026, 6, 4))
        lines = daily(machine(), 30) + daily(train(), 30) + [stray]
        path = legacy_csv(lines, tmp_path / "a.csv", without=["bill/BillingPeriodStartDate"])
        assert tried(path).run_rate == pytest.approx(TRAINING, abs=0.01)


class TestOwnFigures:
    def test_a_type_a_region_and_a_usage_type_nobody_knows_cost_what_the_bill_says(self, tmp_path):
        """$300 each of a type, reserved clusters, Data Wrangler, early deletion: × 730 / 720; a month of storage."""
        lines = [
            Line("USE1-Host:ml.zz9.48xlarge", 24.0, 10.0, resource=endpoint("new")),
            Line(
                "ZZQ1-TimedStorage-ByteHrs",
                33.3,
                10.0,
                product="AmazonS3",
                region="eu-isoe-west-1",
                resource="b",
            ),
            Line("USE1-ReservedCluster:ml.p5.48xlarge", 24.0, 10.0, resource=f"{SAGEMAKER}cluster/c"),
            Line("USE1-DataWrangler:ml.m5.4xlarge", 24.0, 10.0, resource=f"{SAGEMAKER}app/d"),
            Line("USE1-EarlyDelete-GDA", 24.0, 10.0, product="AmazonS3GlacierDeepArchive", resource="b"),
        ]
        found = tried(legacy_csv([x for one in lines for x in daily(one, 30)], tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(1200.0 * 730 / 720 + 300.0, abs=0.02)
        assert found.unexplained() == {}

    def test_sagemaker_by_service_is_never_nothing(self, tmp_path):
        """$1,090.80 SageMaker, $60 Bedrock, $30 S3: × 730 / 720 = $1,197.20."""
        groups = [(("Amazon SageMaker",), 1090.8, None, ""), (("Amazon Bedrock",), 60.0, None, "")]
        groups.append((("Amazon Simple Storage Service",), 30.0, None, ""))
        path = explorer_json([("2026-09-01", "2026-10-01", groups)], tmp_path / "x.json", keys=["SERVICE"])
        found = tried(path)
        assert found.run_rate == pytest.approx(1197.20, abs=0.01)
        assert found.says("usage type", "$1,180.80")

    def test_quantities_of_nothing_are_no_quantities(self, tmp_path):
        groups = [((f"USE1-{G5}",), 1090.8, 0.0, "N/A"), (("USE1-Train:ml.g5.2xlarge",), 454.5, 0.0, "N/A")]
        path = explorer_json([("2026-09-01", "2026-10-01", groups)], tmp_path / "x.json", keys=["USAGE_TYPE"])
        assert tried(path).run_rate == pytest.approx(MONTH + TRAINING, abs=0.02)

    def test_a_total_without_services_does_not_say_that_nothing_is_ml(self, tmp_path):
        path = explorer_json(
            [("2026-09-01", "2026-10-01", [((), 100.0, None, "")])], tmp_path / "x.json", keys=[]
        )
        found = tried(path)
        assert found.says("names no service")
        assert not found.says("nothing of it ML")

    def test_serverless_and_volumes_at_the_rates_of_the_bill(self, tmp_path):
        """A region without prices: 100,000 s a day at $9.00; a volume at $1.00 a day. 10 × 30 × 730 / 720."""
        region = "ap-southeast-7"
        serving = Line(
            "APS9-ServerlessInf:Mem-4GB", 1e5, 9.0, region=region, resource=endpoint("s", region), unit="s"
        )
        reserved = Line("USE1-ServerlessInf:ProvisionedConcurrency-Mem-4GB", 1e3, 1.0, resource=endpoint("s"))
        found = tried(legacy_csv(daily(serving, 30) + daily(reserved, 30), tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(300.0 * 730 / 720, abs=0.01)

    @pytest.mark.parametrize(
        "kind", ["CohereEmbedEnglish", "NovaMultimodalEmbeddings-Text", "TitanEmbeddingV2-Text"]
    )
    def test_embeddings_have_no_output(self, tmp_path, kind):
        one = Line(f"USE1-{kind}-input-tokens", 1e6, 20.0, product="AmazonBedrock", unit="1K tokens")
        found = tried(legacy_csv(daily(one, 30), tmp_path / "a.csv"))
        assert found.component("bedrock", "explained_usd") == pytest.approx(600.0)
        assert found.answer["unknown"] == []


def tokens(words: str, millions: float, usd: float) -> list[Line]:
    """Tokens of Claude Sonnet 4.6 on each of thirty days, by the global profile."""
    kind = f"USE1-MP:USE1_{words}_Global-Units"
    return daily(Line(kind, millions, usd, product="a1b2c3", name=SONNET, unit="Units"), 30)


class TestRates:
    def test_cache_writes_of_five_minutes_and_of_one_hour_are_apart(self, tmp_path):
        """A day: 1 M in at $3, 1 M out at $15, 1 M written for 5 min at $3.75 and 2 M for an hour at $6: $33.75."""
        lines = tokens("InputTokenCount", 1.0, 3.0) + tokens("OutputTokenCount", 1.0, 15.0)
        lines += tokens("CacheWriteInputTokenCount", 1.0, 3.75) + tokens(
            "CacheWrite1hInputTokenCount", 2.0, 12.0
        )
        found = tried(legacy_csv(lines, tmp_path / "a.csv"))
        rows = found.tables["bedrock"]
        assert rows["cache_write_1h_tokens"].sum() == pytest.approx(60e6)
        assert rows["cache_write_tokens"].sum() == pytest.approx(30e6)
        assert found.run_rate == pytest.approx(33.75 * 30 * 730 / 720, abs=0.02)
        assert found.unexplained() == {}

    @pytest.mark.parametrize("words", ["LCtx", "LatencyOptimized"])
    def test_long_context_and_latency_optimized_are_no_usage_at_the_plain_price(self, tmp_path, words):
        """Plain $3 and $15, the variant $6 and $22.50 a million: $46.50 a day, and the plain rates stay."""
        lines = tokens("InputTokenCount", 1.0, 3.0) + tokens("OutputTokenCount", 1.0, 15.0)
        lines += tokens(f"InputTokenCount_{words}", 1.0, 6.0) + tokens(f"OutputTokenCount_{words}", 1.0, 22.5)
        found = tried(legacy_csv(lines, tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(46.50 * 30 * 730 / 720, abs=0.02)
        assert found.tables["bedrock"]["model_id"].nunique() == 2

    def test_spot_hours_cost_what_the_bill_says(self, tmp_path):
        """10 h a day at $0.50 on spot: 150 × 730 / 720."""
        spot = Line("USE1-TrSpt:ml.g5.2xlarge", 10.0, 5.0, resource=f"{SAGEMAKER}training-job/s")
        found = tried(legacy_csv(daily(spot, 30), tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(152.08, abs=0.01)
        job = found.tables["training_jobs"].iloc[0]
        assert job["billable_seconds"] / job["training_seconds"] == pytest.approx(0.5 / 1.515)

    def test_accelerators_on_ec2_are_rows_of_their_own(self, tmp_path):
        """Two p5.48xlarge at $55.04, spot at $20 an hour, and an m5 that is no ML."""
        box = Line("USE1-BoxUsage:p5.48xlarge", 48.0, 48 * 55.04, product="AmazonEC2", resource="i-1")
        spot = Line("USE1-SpotUsage:p5.48xlarge", 24.0, 480.0, product="AmazonEC2", resource="i-2")
        found = tried(legacy_csv(daily(box, 30) + daily(spot, 30) + daily(machine(), 30), tmp_path / "a.csv"))
        rows = found.tables["compute"].set_index("name")
        assert set(rows["kind"]) == {"ec2"}
        assert rows.loc["all ml.p5.48xlarge on EC2 in us-east-1", ["instance_count", "hours"]].tolist() == [
            2.0,
            720.0,
        ]
        assert found.run_rate == pytest.approx((2 * 55.04 + 20.0) * 730, abs=0.05)
        assert found.says("ML on EC2")


def plan(effective=None, commitment=None, used=None, payment="No Upfront", **more):
    return {
        "savingsPlan/SavingsPlanARN": PLAN,
        "savingsPlan/UsedCommitment": used,
        "savingsPlan/SavingsPlanEffectiveCost": effective,
        "savingsPlan/TotalCommitmentToDate": commitment,
        "savingsPlan/StartTime": more.get("start", datetime(2026, 1, 1)),
        "savingsPlan/EndTime": more.get("end", datetime(2026, 12, 31)),
        "savingsPlan/PaymentOption": payment,
        "savingsPlan/PurchaseTerm": more.get("term", "1yr"),
    }


def covered(days=30, first=SEPTEMBER, effective=29.088):
    own = Line(
        f"USE1-{G5}", 24.0, 36.36, kind="SavingsPlanCoveredUsage", resource=endpoint(), more=plan(effective)
    )
    back = Line(f"USE1-{G5}", 24.0, -36.36, kind="SavingsPlanNegation", more=plan())
    return daily(own, days, first) + daily(back, days, first)


def fees(usd, commitment, used, days=30, first=SEPTEMBER, kind="SavingsPlanRecurringFee", **more):
    own = Line(
        "SageMakerSP:1yr", 24.0, usd, product="MachineLearningSavingsPlans", kind=kind, region="global",
        more=plan(None, commitment, used, **more),
    )  # fmt: skip
    return daily(own, days, first)


class TestCommitments:
    @pytest.mark.parametrize(
        ("payment", "paid", "effective"),
        [
            ("No Upfront", 29.088, 29.088),
            ("Partial Upfront", 14.544, 29.088),
            ("All Upfront", 0.0, 29.088),
            ("All Upfront", 0.0, 23.0),
        ],
    )
    def test_a_plan_explains_its_usage_at_its_own_rate(self, tmp_path, payment, paid, effective):
        """Whatever was paid at once before: 30 days at the plan's cost, nothing unexplained in any component."""
        bought = fees(paid, effective, effective, payment=payment)
        found = tried(legacy_csv(covered(effective=effective) + bought, tmp_path / "a.csv"))
        assert found.report.unblended_usd == pytest.approx(30 * paid)
        assert found.run_rate == pytest.approx(effective / 24 * 730, abs=0.02)
        assert set(found.unexplained()) <= {"other"}

    def test_a_plan_half_used(self, tmp_path):
        """$40 a day, $29.088 used: hosting $872.64, commitments $327.36."""
        found = tried(legacy_csv(covered() + fees(40.0, 40.0, 29.088), tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(1200.0 * 730 / 720, abs=0.02)
        assert found.component("commitments", "billed_usd") == pytest.approx(327.36)
        assert found.unexplained() == {}

    def test_a_plan_that_ends_within_the_month(self, tmp_path):
        """Ten days covered, twenty on demand: no plan from then on, and nothing unexplained."""
        end = datetime(2026, 9, 11)
        own = covered(10) + fees(29.088, 29.088, 29.088, 10, start=datetime(2025, 9, 11), end=end)
        found = tried(legacy_csv(own + hosting(20, end), tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)
        assert found.unexplained() == {}

    def test_a_plan_returned_after_five_days(self, tmp_path):
        """Bought on the 3rd, returned on the 8th, its fees refunded: the endpoint is on demand again."""
        first, term = datetime(2026, 9, 3), {"start": datetime(2026, 9, 3), "end": datetime(2027, 9, 3)}
        own = covered(5, first) + fees(29.088, 29.088, 29.088, 5, first, **term)
        back = fees(-29.088, None, None, 5, first, kind="Refund", **term)
        found = tried(
            legacy_csv(hosting(2) + own + back + hosting(23, datetime(2026, 9, 8)), tmp_path / "a.csv")
        )
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)
        assert found.says("returned", "$145.44")
        assert set(found.unexplained()) <= {"other"}

    def test_an_upfront_plan_returned(self, tmp_path):
        term = {"payment": "All Upfront", "start": datetime(2026, 9, 3), "end": datetime(2027, 9, 3)}
        kind = "SavingsPlanUpfrontFee"
        own = fees(10617.12, None, None, 1, datetime(2026, 9, 3), kind, **term)
        own += fees(-10617.12, None, None, 1, datetime(2026, 9, 8), kind, **term)
        found = tried(legacy_csv(hosting() + own, tmp_path / "a.csv"))
        assert found.says("returned", "$10,617.12")
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)
        assert found.unexplained() == {}

    def test_fees_that_stop_while_the_bill_goes_on_end_the_plan(self, tmp_path):
        own = covered(10) + fees(29.088, 29.088, 29.088, 10)
        found = tried(legacy_csv(own + hosting(20, datetime(2026, 9, 11)), tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)
        assert found.says("no fee after 2026-09-11")

    def test_the_plan_of_cost_explorer_by_charge_type(self, tmp_path):
        """Its commitment is the fee: 872.64 / 720 = $1.212 an hour; $884.76 a month."""
        groups = [
            ((f"USE1-{G5}", "SavingsPlanCoveredUsage"), 1090.8, 720.0, "Hrs"),
            ((f"USE1-{G5}", "SavingsPlanNegation"), -1090.8, 0.0, "Hrs"),
            (("SageMakerSP:1yrNoUpfront", "SavingsPlanRecurringFee"), 872.64, 720.0, "Hrs"),
        ]
        keys = ["USAGE_TYPE", "RECORD_TYPE"]
        found = tried(explorer_json([("2026-09-01", "2026-10-01", groups)], tmp_path / "x.json", keys=keys))
        assert found.report.classified_usd["commitments"] == pytest.approx(872.64)
        assert found.run_rate == pytest.approx(884.76, abs=0.02)

    def test_the_fee_of_a_training_plan_is_a_commitment(self, tmp_path):
        fee = Line("USE1-TrainingPlan:ml.p5.48xlarge", 1.0, 20000.0, kind="Fee")
        found = tried(legacy_csv([fee, *hosting()], tmp_path / "a.csv"))
        assert found.report.classified_usd["commitments"] == pytest.approx(20000.0)
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)
        assert found.says("$20,000.00", "training plans")


def discounts(kind: str, usd: float, **more) -> list[Line]:
    return daily(Line(f"USE1-{G5}", None, usd, resource=endpoint(), kind=kind, **more), 30)


class TestAdjustments:
    @pytest.mark.parametrize(
        ("kind", "ratio"), [("EdpDiscount", 0.2), ("PrivateRateDiscount", 0.15), ("SppDiscount", 0.05)]
    )
    @pytest.mark.parametrize("writer", [legacy_csv, pytest.param(cur2_parquet, marks=MORE)])
    def test_a_steady_discount_is_in_the_run_rate(self, tmp_path, writer, kind, ratio):
        found = tried(writer(hosting() + discounts(kind, -36.36 * ratio), tmp_path / "a.bin"))
        assert found.report.unblended_usd == pytest.approx(1090.8 * (1 - ratio))
        assert found.run_rate == pytest.approx(MONTH * (1 - ratio), abs=0.02)

    def test_two_discounts_add_up(self, tmp_path):
        lines = hosting() + discounts("EdpDiscount", -3.636) + discounts("PrivateRateDiscount", -1.818)
        assert tried(legacy_csv(lines, tmp_path / "a.csv")).run_rate == pytest.approx(MONTH * 0.85, abs=0.02)

    @pytest.mark.parametrize("product", ["AWSDiscount", "AmazonSageMaker"])
    def test_one_line_for_the_month(self, tmp_path, product):
        """10 % as one line without a usage type, of the service or of the whole bill."""
        off = Line("", None, -109.08, product=product, kind="EdpDiscount", end=OCTOBER, unit="")
        found = tried(legacy_csv([*hosting(), off], tmp_path / "a.csv"))
        assert found.report.unblended_usd == pytest.approx(981.72)
        assert found.run_rate == pytest.approx(MONTH * 0.9, abs=0.02)

    def test_the_discount_of_another_service_is_not_ours(self, tmp_path):
        off = Line(
            "USE1-BoxUsage:m5.large", None, -30.0, product="AmazonEC2", kind="EdpDiscount", end=OCTOBER
        )
        found = tried(legacy_csv([*hosting(), *daily(machine(), 30), off], tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)

    def test_net_costs_without_discount_lines(self, tmp_path):
        lines = [replace(x, more={"lineItem/NetUnblendedCost": 32.724}) for x in hosting()]
        found = tried(legacy_csv(lines, tmp_path / "a.csv"))
        assert found.report.unblended_usd == pytest.approx(1090.80)
        assert found.run_rate == pytest.approx(MONTH * 0.9, abs=0.02)

    def test_a_discount_of_focus(self, tmp_path):
        off = {"ChargeCategory": "Adjustment", "ChargeDescription": "Enterprise Program Discount"}
        rows = [focus_row(x, "1.2") for x in hosting()]
        rows += [focus_row(replace(x, usd=-3.636, quantity=None), "1.2") | off for x in hosting()]
        found = tried(write_csv(rows, tmp_path / "a.csv"))
        assert found.report.unblended_usd == pytest.approx(981.72)
        assert found.run_rate == pytest.approx(MONTH * 0.9, abs=0.02)

    def test_charge_types_of_cost_explorer(self, tmp_path):
        """1,090.80 - 109.08 + 80 - 50 = $1,011.72; a charge type nobody knows is read, too."""
        groups = [
            ((f"USE1-{G5}", "Usage"), 1090.8, 720.0, "Hrs"),
            ((f"USE1-{G5}", "Enterprise Discount Program Discount"), -109.08, 0.0, "Hrs"),
            (("", "Tax"), 80.0, 0.0, "N/A"),
            (("", "Credit"), -50.0, 0.0, "N/A"),
            (("", "Some new charge"), 1.0, 0.0, "N/A"),
        ]
        keys = ["USAGE_TYPE", "RECORD_TYPE"]
        found = tried(explorer_json([("2026-09-01", "2026-10-01", groups)], tmp_path / "x.json", keys=keys))
        assert found.report.unblended_usd == pytest.approx(1012.72)
        assert found.report.rows_rejected == 0
        assert found.report.other_parts_usd["tax"] == 80.0
        assert found.run_rate == pytest.approx(MONTH * 0.9, abs=0.02)

    def test_credits_refunds_tax_and_support_are_not_in_the_run_rate(self, tmp_path):
        lines = [
            *hosting(),
            Line(f"USE1-{G5}", None, -500.0, kind="Credit"),
            Line(f"USE1-{G5}", None, -20.0, kind="Refund"),
            Line("", None, 60.0, kind="Tax", unit="", end=OCTOBER),
            Line("Dollar", 1.0, 100.0, product="AWSSupportBusiness", end=OCTOBER, unit=""),
        ]
        found = tried(legacy_csv(lines, tmp_path / "a.csv"))
        assert found.run_rate == pytest.approx(MONTH, abs=0.02)
        parts = {"credits": -500.0, "refunds": -20.0, "tax": 60.0, "support": 100.0}
        assert found.report.other_parts_usd == parts


class TestCurrencies:
    @pytest.mark.parametrize(
        ("sign", "code"),
        [
            ("£", "GBP"),
            ("INR", "INR"),
            ("¥", "JPY"),
            ("CA$", "CAD"),
            ("₩", "KRW"),
            ("CHF", "CHF"),
            ("zł", "PLN"),
        ],
    )
    def test_other_currencies_are_no_dollars(self, tmp_path, sign, code):
        rows = [["Service", f"SageMaker({sign})", f"Total costs({sign})"]]
        path = explorer_csv([*rows, *[[f"2026-09-{d:02d}", 1, 1] for d in range(1, 31)]], tmp_path / "a.csv")
        report = import_bill(path).report
        assert report.other_currencies == {code: 30.0}
        assert report.unblended_usd is None
        assert any(f"--rate {code}=" in w for w in report.warnings)

    def test_a_sign_nobody_knows_is_refused(self, tmp_path):
        path = explorer_csv(
            [["Service", "SageMaker(zz?)", "Total costs(zz?)"], ["2026-09-01", 1, 1]], tmp_path / "a.csv"
        )
        with pytest.raises(BillError, match=r"a\.csv, line 1.*no currency we know"):
            import_bill(path)

    def test_a_rate_makes_dollars(self, tmp_path):
        """EUR 1,000 at 1.08: $1,080; 720 h at $1.50: $1,095.00 a month."""
        groups = [(("Amazon SageMaker", f"USE1-{G5}"), 1000.0, 720.0, "Hrs")]
        path = explorer_json([("2026-09-01", "2026-10-01", groups)], tmp_path / "x.json")
        path.write_text(path.read_text().replace('"USD"', '"EUR"'))
        found = tried(path, usd_per={"EUR": 1.08})
        assert found.report.unblended_usd == pytest.approx(1080.0)
        assert found.run_rate == pytest.approx(1095.0, abs=0.01)


class TestNoMl:
    def test_an_account_without_ml(self, tmp_path):
        """30 × 2.304 + 40.18 = $109.30."""
        lines = [*daily(machine(), 30), Line("RDS", 1.0, 40.18, product="AmazonRDS")]
        assert tried(focus_csv(lines, tmp_path / "a.csv", "1.3")).says("$109.30 billed, nothing of it ML")


def test_a_snapshot_of_dollars_whose_type_nobody_tells_can_be_kept_and_read_again(tmp_path: Path) -> None:
    """An import makes rows without an instance type; what it makes must survive the file."""
    from simulator.snapshot.snapshot import load_snapshot, save_snapshot
    from simulator.sources.bills.bill import import_bill

    services: list[list[Any]] = [
        ["Service", "SageMaker($)"],
        *[[f"2026-09-{d:02d}", 36.36] for d in range(1, 31)],
    ]
    explorer_csv(services, tmp_path / "service.csv")
    made = import_bill(tmp_path / "service.csv").snapshot
    save_snapshot(made, tmp_path / "kept.zip")
    read = load_snapshot(tmp_path / "kept.zip")
    for name, table in made.tables.items():
        assert len(read.tables[name]) == len(table), name
