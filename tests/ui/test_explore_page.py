"""Explore: what was seen of each resource stands beside its cost, and tags narrow the table."""

from simulator import preset
from tests.ui.pages import opened, ran


def test_evidence_stands_beside_the_cost_and_a_tag_narrows_the_table() -> None:
    app = opened("explore")
    table = app.dataframe[0].value
    assert {"calls_quantity", "daily_calls", "last_call", "busy_ratio", "gpu_use_ratio", "why_idle"} <= set(
        table.columns
    )
    idle = table[table["note"] == "idle"]
    assert len(idle)
    assert idle["why_idle"].str.len().gt(0).all()
    tags = app.multiselect(key="in_tags")
    tags.select(tags.options[0])
    ran(app)
    assert 0 < len(app.dataframe[0].value) < len(table)


def test_unit_costs_are_shown_by_resource_and_by_month() -> None:
    """`team` under `balanced`: ocr-extract 17.80 → 7.48 dollars per 1,000 calls."""
    app = opened("explore", {f"{x.id}.on": "true" for x in preset("balanced").levers})
    app.session_state["explore_tab"] = "Unit costs"
    ran(app)
    table = app.dataframe[0].value.set_index("resource_id")
    sides = ["before_unit_billed_usd", "after_unit_billed_usd"]
    assert list(table[sides].astype(float).round(2).loc["ocr-extract"]) == [17.80, 7.48]
    app.session_state["units_by"] = "month"
    ran(app)
    months = app.dataframe[0].value
    assert months["month_start"].nunique() == 12
    assert {"after_unit_p10_usd", "after_unit_p90_usd"} <= set(months.columns)
