"""An account of which only the bill is known: what can be tried on it, and how what is assumed is told."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import Account, Scenario, load_sample
from simulator.levers import all_levers
from simulator.sources.bills import import_bill
from simulator.ui import link
from simulator.ui.view import View
from tests.accounts import prices
from tests.sources.bills.export import export_cur2
from tests.ui.pages import drawn, opened_on, ran, row


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> View:
    file = tmp_path_factory.mktemp("bill") / "bill.parquet"
    export_cur2(load_sample("team"), file)
    return View(Account.open(import_bill([file]).snapshot), prices())


def test_at_least_twenty_levers_save_on_a_bill_alone_once_their_facts_are_assumed(seen: View) -> None:
    tried = {i for i, usd in (seen.alone_usd | seen.assumable_usd).items() if usd > 0.005}
    assert len(tried) >= 20
    waiting = {f.lever_id for f in seen.facts}
    assert set(seen.assumable_usd) <= waiting, "each is offered under Worth knowing"


@pytest.mark.parametrize("lever_id", sorted(all_levers()))
def test_no_assumption_makes_a_quantity_less_than_nothing_or_saves_more_than_the_bill(
    seen: View, lever_id: str
) -> None:
    """Seen before: auto-scaling without traffic ran -8 million instance hours and saved ten million dollars."""
    lever = all_levers()[lever_id]()
    result = seen.run(Scenario((lever,), assume=frozenset({lever_id})), seen.as_it_is)
    assert result.saving_usd <= result.baseline.total_usd
    if lever.table:
        for meter, quantity in result.outcome.usage.table(lever.table).meters():
            assert not (np.nan_to_num(quantity) < 0).any(), meter.name


def test_a_job_that_is_assumed_to_resume_loses_only_what_lies_behind_its_checkpoint(seen: View) -> None:
    """Seen before: jobs assumed to fit spot were charged as if each interruption began them anew."""
    lever = all_levers()["managed_spot"]()
    known = seen.run(Scenario((lever,)), seen.as_it_is).saving_usd
    assumed = seen.run(Scenario((lever,), assume=frozenset({lever.id})), seen.as_it_is).saving_usd
    assert assumed > known > 0


def test_every_assumption_is_listed_in_headline_row_and_link(seen: View) -> None:
    ids = sorted(seen.assumable_usd)
    scenario = Scenario(tuple(all_levers()[i]() for i in ids), assume=frozenset(ids))
    app = opened_on(seen.account, "simulate", scenario)
    told = drawn(app, "headline")["assumed"]
    assert all(all_levers()[i].title in told for i in ids)
    assert link.from_query(link.to_query(scenario))[0].assume == set(ids)
    first = max(ids, key=lambda i: abs(seen.assumable_usd[i]))
    assert row(app, first)["title"].endswith("(assumed)")
    assert "assumed" in row(app, first)["bars"][0]["cls"]


def test_a_fact_is_assumed_by_its_button_and_taken_back(seen: View) -> None:
    app = opened_on(seen.account, "simulate", Scenario())
    app.session_state["facts"] = True
    ran(app)
    first = max(seen.assumable_usd, key=lambda i: seen.assumable_usd[i])
    ran(app, app.button(key=f"assume.{first}").click())
    assert app.session_state["draft"].assume == {first}
    assert all_levers()[first].title in drawn(app, "headline")["assumed"]
    ran(app, app.button(key=f"assume.{first}").click())
    assert app.session_state["draft"].assume == frozenset()
