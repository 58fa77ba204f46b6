"""SageMaker Savings Plan on what remains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.aws.plan_offers import DISCOUNT_RANGES, PAYMENTS, TERMS, offer
from simulator.levers.lever import APPLIES, NOT_APPLICABLE, Lever, Verdicts
from simulator.params import Param, param
from simulator.usage.tables import Usage


def _discount(name: str) -> float:
    low, base, high = DISCOUNT_RANGES[name]
    value: float = param(
        f"Discount, {name.replace('_', ' ')}", "ratio", base, low=low, high=high, step=0.01, maximum=0.64,
        grade="assumed",
        source="No per-type rates are published here: AWS says up to 64 %, one real 1-year rate is 32 %, "
        "AWS's dashboards estimate 20 %; replaced by `prices refresh`",
    )  # fmt: skip
    return value


@dataclass(frozen=True)
class SavingsPlan(Lever):
    """Commit to dollars per hour of SageMaker usage for one or three years, at lower rates.

    The commitment is sized on the eligible usage that *remains* after every other lever, hour by hour: its best
    size is the discount-quantile of the hourly usage valued at plan rates. What an hour does not use is lost.
    Spot, serverless, asynchronous inference, storage and Bedrock are not eligible. A bad idea before idle
    resources are gone: the plan would pay for them for years.

    Source: rules.md#savings-plans; Savings Plans user guide, sp-applying.
    """

    id = "savings_plan"
    title = "SageMaker Savings Plan"
    stage = 8
    table = ""
    effort_hours = 4.0
    reversible = False
    phase = 4

    term_years: int = param(
        "Term", "years", 1, choices=TERMS, grade="official", source="Savings Plans user guide"
    )
    payment: str = param(
        "Payment", "option", "no_upfront", choices=PAYMENTS, grade="official",
        source="Savings Plans user guide",
    )  # fmt: skip
    size_ratio: float = param(
        "Commitment, as a share of the best size", "ratio", 1.0, low=0.7, high=1.0, step=0.05, maximum=2.0,
        grade="assumed", source="1 = the size with the lowest expected cost; below it is more careful",
    )  # fmt: skip
    discount_1y_no_upfront: float = _discount("1y_no_upfront")
    discount_1y_partial_upfront: float = _discount("1y_partial_upfront")
    discount_1y_all_upfront: float = _discount("1y_all_upfront")
    discount_3y_no_upfront: float = _discount("3y_no_upfront")
    discount_3y_partial_upfront: float = _discount("3y_partial_upfront")
    discount_3y_all_upfront: float = _discount("3y_all_upfront")

    @property
    def offer(self) -> str:
        """Term and payment as the key of the chosen discount."""
        return offer(self.term_years, self.payment)

    @property
    def discount_ratio(self) -> float:
        """Discount of the chosen term and payment where the price book has no rate."""
        value: float = getattr(self, f"discount_{self.offer}")
        return value

    def acting_params(self) -> dict[str, Param]:
        """Of the discounts only that of the chosen term and payment acts."""
        idle = {f"discount_{other}" for other in DISCOUNT_RANGES} - {f"discount_{self.offer}"}
        return {name: declared for name, declared in self.params().items() if name not in idle}

    def verdicts(self, usage: Usage) -> Verdicts:
        """Over training jobs, endpoint variants and compute, in this order: eligible on-demand hours or not."""
        eligible = []
        for name in ("training", "endpoints", "compute"):
            table = usage.table(name)
            hours = sum(
                (np.nan_to_num(q) for m, q in table.meters() if m.eligible), start=np.zeros(len(table))
            )
            eligible.append((hours if hours.ndim == 1 else hours.mean(axis=0)) > 0)
        mask = np.concatenate(eligible)
        return Verdicts(
            np.where(mask, APPLIES, NOT_APPLICABLE).astype(np.int8),
            np.where(mask, 0, 1).astype(np.int8),
            (
                "Has on-demand hours a SageMaker Savings Plan covers.",
                "Has no hours a SageMaker Savings Plan covers.",
            ),
            (APPLIES, NOT_APPLICABLE),
        )

    def apply(self, usage: Usage) -> Usage:
        """Usage stays as it is: the plan changes what covered hours cost (see `simulator.plans.settlement`)."""
        return usage
