"""Savings Plan offers: term × payment, with the discount we assume where no rate is published.

AWS publishes per-type rates only through its API. Until `prices refresh` brings them, a discount is a visible
assumption per offer. Evidence: AWS says up to 64 %; the one real rate known here (ml.m4.16xlarge training,
one year, partial upfront) is 32 % below on demand; AWS's Cloud Intelligence Dashboards estimate 20 %.
"""

from __future__ import annotations

TERMS = (1, 3)
PAYMENTS = ("no_upfront", "partial_upfront", "all_upfront")
UPFRONT_SHARE = {"no_upfront": 0.0, "partial_upfront": 0.5, "all_upfront": 1.0}
DISCOUNT_RANGES = {
    "1y_no_upfront": (0.15, 0.20, 0.30),
    "1y_partial_upfront": (0.18, 0.25, 0.33),
    "1y_all_upfront": (0.20, 0.27, 0.35),
    "3y_no_upfront": (0.30, 0.40, 0.50),
    "3y_partial_upfront": (0.33, 0.45, 0.55),
    "3y_all_upfront": (0.35, 0.48, 0.64),
}


def years_of(offer_key: str) -> int:
    """Term in years of an offer's key."""
    return int(offer_key[0])


def offer(term_years: int, payment: str) -> str:
    """Key of an offer, such as `1y_no_upfront`."""
    return f"{term_years}y_{payment}"
