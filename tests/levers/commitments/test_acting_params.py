"""Of a Savings Plan's six discounts only that of the chosen offer acts; of other levers every parameter does."""

from __future__ import annotations

import pytest

from simulator.aws.plan_offers import PAYMENTS, TERMS
from simulator.levers import all_levers
from simulator.levers.commitments.savings_plan import SavingsPlan

CHOICES = [(term, payment) for term in TERMS for payment in PAYMENTS]


@pytest.mark.parametrize(("term", "payment"), CHOICES)
def test_only_the_discount_of_the_chosen_offer_acts(term: int, payment: str) -> None:
    plan = SavingsPlan(term_years=term, payment=payment)
    assert set(plan.acting_params()) == {"term_years", "payment", "size_ratio", f"discount_{term}y_{payment}"}


@pytest.mark.parametrize(("term", "payment"), CHOICES)
def test_a_discount_that_does_not_act_moves_nothing(term: int, payment: str) -> None:
    plan = SavingsPlan(term_years=term, payment=payment)
    for name in set(plan.params()) - set(plan.acting_params()):
        assert SavingsPlan.create(plan.values() | {name: 0.01}).discount_ratio == plan.discount_ratio
    acting = next(n for n in plan.acting_params() if n.startswith("discount_"))
    assert SavingsPlan.create(plan.values() | {acting: 0.01}).discount_ratio == 0.01


def test_every_parameter_of_the_other_levers_acts() -> None:
    for kind in all_levers().values():
        if kind is not SavingsPlan:
            assert kind().acting_params() == kind.params(), kind.id
