"""Roadmap: levers start as the team's work is done, and months are said with their dates."""

import re

from tests.ui.pages import FIVE_FAMILIES, opened

MONTH = re.compile(r"^(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}$")


def starts(hours: str) -> list[int]:
    app = opened("roadmap", FIVE_FAMILIES | {"planning.team_hours_per_month": hours})
    table = app.dataframe[0].value if "start_month" in app.dataframe[0].value else None
    assert table is not None
    assert all(MONTH.match(m) for m in table["starts_in"])
    return list(table["start_month"])


def test_a_smaller_team_starts_no_lever_earlier_and_some_later() -> None:
    quick, slow = starts("160"), starts("5")
    assert all(a <= b for a, b in zip(quick, slow, strict=True))
    assert quick != slow
