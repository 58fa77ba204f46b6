"""Explore: what was seen of each resource stands beside its cost, and tags narrow the table."""

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
