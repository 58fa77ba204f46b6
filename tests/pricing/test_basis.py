"""What the bill rests on: old prices, rules, billed rates, own prices; list value behind the savings rate. By hand."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import Account, PriceBook, Scenario, simulate
from simulator.analysis.answer import answer
from simulator.analysis.ledger import effective_savings_rate
from simulator.cli import tools
from simulator.cli.main import main
from simulator.pricing.basis import price_shares
from simulator.pricing.billed_rates import GRADE
from simulator.pricing.charges import Charges
from simulator.pricing.files import OwnText
from simulator.snapshot.manifest import Manifest
from simulator.snapshot.snapshot import Snapshot, make_snapshot, save_snapshot
from tests.accounts import account_with
from tests.pricing.test_billed_rates import AS_OF, JULY, JUNE, LIST, account, rate

G5 = "ml.g5.2xlarge"


def endpoint(
    name: str, hours: float = 720.0, region: str = "eu-west-1", mode: str = "realtime"
) -> dict[str, object]:
    return {
        "endpoint_name": name, "variant_name": "v", "region": region, "status": "InService", "mode": mode,
        "instance_type": G5, "instance_count": 1, "instance_hours": hours, "volume_gb": 0,
    }  # fmt: skip


def snapshot(*endpoints: dict[str, object], **of_rate: object) -> Snapshot:
    table = pd.DataFrame(endpoints)
    if of_rate:
        return account(rate(**of_rate), endpoints=table)
    return make_snapshot(Manifest("listed", JUNE, JULY), {"endpoints": table})


def test_a_bill_at_its_own_rate_rests_on_it_and_the_rest_on_the_list() -> None:
    """720 h at the billed 2.00 in eu-west-1 and 720 h at the list's 1.515 in us-east-1: 2.00 ÷ 3.515 of the bill."""
    found = simulate(
        snapshot(endpoint("a"), endpoint("b", region="us-east-1"), contracted_unit_price_usd=2.0),
        Scenario(),
        LIST,
    )
    shares = price_shares(found.book, found.baseline.charges)
    assert shares.billed_ratio == pytest.approx(2.0 / 3.515)
    assert shares.billed_usd == pytest.approx(2.0 * 730)
    assert shares.by_rule_usd == 0.0
    assert shares.own_usd == 0.0


def test_a_price_by_rule_and_an_own_price_are_said_apart() -> None:
    """Asynchronous g5.2xlarge follows hosting by rule (1.515); an own price of 1 for hosting is the other part."""
    own = OwnText(f"component,item,region,usd,unit\nhosting,{G5},*,1,instance_hour\n")
    book = PriceBook.load(AS_OF, own=own)
    rows = endpoint("a", region="us-east-1"), endpoint("b", region="us-east-1", mode="async")
    shares = price_shares(book, simulate(snapshot(*rows), Scenario(), book).baseline.charges)
    assert shares.by_rule_usd == pytest.approx(1.515 * 730)
    assert shares.own_ratio == pytest.approx(1 / 2.515)
    assert shares.shares() == "39.8% of the bill at prices you gave, 60.2% filled by rule"


@settings(max_examples=12)
@given(ages=st.lists(st.integers(0, 400), min_size=1, max_size=4), usd=st.floats(0.1, 50.0))
def test_shares_are_parts_of_the_bill_whatever_the_ages(ages: list[int], usd: float) -> None:
    regions = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1")
    day = pd.Timestamp(AS_OF)
    lines = [
        f"hosting,{G5},{r},{usd},instance_hour,{(day - pd.Timedelta(days=a)).date()}"
        for r, a in zip(regions, ages, strict=False)
    ]
    text = "\n".join(["component,item,region,usd,unit,checked_on", *lines]) + "\n"
    book = PriceBook.load(AS_OF, own=OwnText(text))
    rows = [endpoint(r, region=r) for r, _ in zip(regions, ages, strict=False)]
    shares = price_shares(book, simulate(snapshot(*rows), Scenario(), book).baseline.charges)
    assert shares.old_ratio == pytest.approx(sum(a > 90 for a in ages) / len(ages))
    assert shares.own_usd == pytest.approx(shares.total_usd)


def test_nothing_priced_has_no_shares() -> None:
    shares = price_shares(LIST, Charges(()))
    assert shares.old_ratio is None
    assert shares.sentence() == "Prices: nothing is priced."


def test_the_savings_rate_is_over_list_before_the_discounts_of_the_bill() -> None:
    """Paid 1.25 where the bill lists 2.50, and half off the list elsewhere: half of list is saved, all told."""
    rows = endpoint("a"), endpoint("b", region="us-east-1")
    found = simulate(
        snapshot(*rows, contracted_unit_price_usd=1.25, list_unit_price_usd=2.5), Scenario(), LIST
    )
    assert effective_savings_rate(found.baseline, found.book) == pytest.approx(0.5)


def test_answer_shows_the_discounts_of_the_bill_and_their_switch() -> None:
    account_ = Account.open(snapshot(endpoint("a"), contracted_unit_price_usd=1.25, list_unit_price_usd=2.5))
    said = answer(simulate(account_, Scenario(), LIST))["prices"]
    assert said["billed_discounts"] == {"sagemaker": 0.5}
    assert said["bill"]["billed_ratio"] == pytest.approx(1.0)
    off = answer(simulate(account_, Scenario(), PriceBook.load(AS_OF, use_billed_discount=False)))["prices"]
    assert (off["billed_discounts"], off["use_billed_discount"]) == ({}, False)


def test_command_line_switches_the_discount_off_and_shows_billed_rates(
    tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = snapshot(
        endpoint("b", region="us-east-1"),
        contracted_unit_price_usd=1.25,
        list_unit_price_usd=2.5,
        region="eu-west-1",
    )
    save_snapshot(of, tmp_path / "s")
    common = [
        "project",
        "--usage",
        str(tmp_path / "s"),
        "--prices-as-of",
        AS_OF.isoformat(),
        "--format",
        "json",
    ]
    runs = []
    for more in ([], ["--no-billed-discount"]):
        assert main([*common, *more]) == 0
        runs.append(json.loads(capsys.readouterr().out)["baseline"]["run_rate_usd"])
    assert runs == pytest.approx([1.515 * 730 / 2, 1.515 * 730])
    key = f"hosting/{G5}"
    assert main(["prices", "show", key, "--region", "eu-west-1", "--usage", str(tmp_path / "s")]) == 0
    out = capsys.readouterr().out
    assert "own-bill" in out
    assert "sagemaker: 50.00% off list by the account's bill" in out


def test_in_the_past_a_rate_of_later_is_not_in_the_book() -> None:
    table = account(rate(contracted_unit_price_usd=1.0)).tables["billed_rates"]
    before = PriceBook.load(date(2026, 5, 1)).with_billed(table)
    assert GRADE not in set(before.rows["grade"])


def test_the_age_line_is_on_every_answer_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Text of project, compare, units, savings and commitment; JSON of project and seek: one sentence, the same."""
    assert main(["project", "--usage", "report", "--format", "json"]) == 0
    line = json.loads(capsys.readouterr().out)["prices"]["sentence"]
    assert line.startswith("Prices: ")
    commands = (["project"], ["compare", "none", "balanced"], ["units"], ["savings"], ["commitment"])
    for command in commands:
        assert main([*command, "--usage", "report"]) == 0
        assert line in capsys.readouterr().out, command
    for command in (["units"], ["commitment"]):
        assert main([*command, "--usage", "report", "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["prices"] == line


def test_the_age_line_is_in_what_agents_read_and_in_the_report() -> None:
    line = tools.describe("report")["prices"]
    assert line.startswith("Prices: ")
    assert tools.simulate("report")["prices"] == tools.units("report")["prices"] == line
    assert line in tools.report("report", "none")


def test_before_the_first_price_nothing_is_priced_and_nothing_rests_on_any() -> None:
    account = account_with(endpoints=[{"endpoint_name": "a"}])
    result = simulate(account, Scenario(), PriceBook.load(date(1, 1, 1)))
    assert price_shares(result.book, result.baseline.charges).old_usd == 0.0
