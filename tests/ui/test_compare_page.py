"""The Compare page: its table says what its cards and the headline say."""

from __future__ import annotations

import pytest

from simulator.ui.words import whole_usd
from tests.ui.pages import headline, metrics, opened


@pytest.mark.parametrize(
    "levers", [("managed_spot", "autoscale_endpoints", "savings_plan"), ("prompt_caching",)]
)
def test_bill_of_the_table_is_that_of_card_and_headline(levers: tuple[str, ...]) -> None:
    """With the three levers the bill is $77,747.50: the browser rounds halves up, and so must we."""
    app = opened("compare", {f"{lever}.on": "true" for lever in levers})
    table = app.dataframe[0].value.set_index("scenario")
    for name, row in table.iterrows():
        assert whole_usd(row["bill_usd"]) == metrics(app)[str(name)]
    assert whole_usd(float(table["bill_usd"]["On the Board"])) == headline(app)["Scenario, per month"]
