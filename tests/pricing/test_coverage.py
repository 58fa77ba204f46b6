"""How complete the book is: per component and region, and every Bedrock model of the facts where it is offered."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from scripts.docs_prices import README, written
from scripts.price_facts.bedrock_list import ids
from simulator.pricing.audit import Audit, audit, coverage
from simulator.pricing.book import PriceBook

FACTS = Path(__file__).parents[3] / "shared" / "facts"
AS_OF = date(2026, 11, 28)


@pytest.fixture(scope="module")
def found() -> Audit:
    return audit(AS_OF)


def test_hosting_is_published_or_listed_for_nine_in_ten_in_every_region(found: Audit) -> None:
    hosting = [r for r in found.coverage if r["component"] == "hosting"]
    assert len(hosting) >= 37
    for row in hosting:
        assert row["published"] >= 0.9 * (row["published"] + row["by_rule"] + row["none"]), row


def test_every_type_is_counted_once_in_a_region() -> None:
    """Of three types one is published, one by rule, one not hosted in the region; a fourth is refused by name."""
    current = pd.DataFrame(
        [("hosting", "a", "r", "api"), ("hosting", "b", "r", "assumed"), ("training", "a", "r", "api")],
        columns=["component", "item", "region", "grade"],
    )
    types = pd.DataFrame({"instance_type": list("abcd")})
    for name in ("training", "hosting", "transform", "processing", "notebook", "studio"):
        types[f"{name}_ok"] = "true"
    refused = pd.DataFrame([("training", "d", "*")], columns=["component", "instance_type", "region"])
    rows = {r["component"]: r for r in coverage(current, types, refused)}
    assert [rows["hosting"][k] for k in ("published", "by_rule", "not_offered", "none")] == [1, 1, 2, 0]
    assert [rows["training"][k] for k in ("published", "by_rule", "not_offered", "none")] == [1, 0, 2, 1]


def test_the_line_of_the_readme_is_generated(found: Audit) -> None:
    text = README.read_text(encoding="utf-8")
    assert written(text, found.coverage) == text, "run python -m scripts.docs_prices"


def test_every_bedrock_model_of_the_facts_is_priced_in_each_of_its_regions() -> None:
    if not FACTS.is_dir():
        pytest.skip("shared/facts is not beside the project: nothing to compare with")
    rows = PriceBook.load(AS_OF).rows
    rows = rows[rows["component"] == "bedrock_input"]
    priced = set(zip(rows["item"], rows["region"], strict=True))
    missing, tried = [], 0
    with (FACTS / "bedrock_2026-10.csv").open(encoding="utf-8", newline="") as file:
        for fact in csv.DictReader(file):
            if (fact["tier"], fact["direction"]) == ("standard", "input"):
                scope = "global." if fact["scope"] == "global" else ""
                for region in fact["regions"].split():
                    tried += 1
                    missing += [(i, region) for i in ids(fact) if (scope + i, region) not in priced]
    assert tried > 500
    assert not missing
