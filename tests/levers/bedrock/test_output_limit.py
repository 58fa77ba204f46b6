from __future__ import annotations

import numpy as np
import pytest

from simulator.levers.bedrock.output_limit import OutputLimit, limited_mean
from tests.levers.bedrock.tokens import known_by_bill, tokens, usage_of


def test_mean_of_capped_answers_follows_the_distribution_not_cap_over_mean() -> None:
    # By hand, spread 1: s = sqrt(ln 2) = 0.83255; cap 2: z = 0.83255 + 0.41628 = 1.24883;
    # Phi(0.41628) = 0.66140, 1 - Phi(1.24883) = 0.10587; 0.66140 + 2 x 0.10587 = 0.87314.
    kept, cut = limited_mean(2.0, 1.0)
    assert kept == pytest.approx(0.8731, abs=2e-4)
    assert cut == pytest.approx(0.1059, abs=2e-4)


def test_capped_mean_agrees_with_a_simulation() -> None:
    sigma = np.sqrt(np.log(1 + 0.7**2))
    lengths = np.random.default_rng(1).lognormal(-(sigma**2) / 2, sigma, 400_000)
    kept, cut = limited_mean(1.5, 0.7)
    assert kept == pytest.approx(np.minimum(lengths, 1.5).mean(), abs=0.003)
    assert cut == pytest.approx((lengths > 1.5).mean(), abs=0.003)


@pytest.mark.parametrize(("cap", "saved"), [(1.1, 0.30), (1.8, 0.15), (3.1, 0.05)])
def test_range_of_the_cap_is_domains_range_of_savings(cap: float, saved: float) -> None:
    assert 1 - limited_mean(cap, 1.0)[0] == pytest.approx(saved, abs=0.015)


def test_a_cap_far_above_every_answer_changes_nothing() -> None:
    before = usage_of()
    assert tokens(OutputLimit(cap_ratio=20.0, spread_ratio=0.1).apply(before)) == pytest.approx(
        tokens(before)
    )


def test_cut_answers_that_are_asked_again_cost_input_and_output() -> None:
    kept, cut = limited_mean(1.8, 1.0)
    after = tokens(OutputLimit(repeated_ratio=0.3).apply(usage_of()))
    assert after["input_tokens"] == pytest.approx(730e6 * (1 + 0.3 * cut))
    assert after["output_tokens"] == pytest.approx(73e6 * kept * (1 + 0.3 * cut))


def test_a_bill_without_tokens_is_cut_in_its_output_share() -> None:
    kept, _ = limited_mean(1.8, 1.0)
    after = tokens(OutputLimit(repeated_ratio=0.0, input_share_ratio=0.75).apply(known_by_bill(72.0)))
    assert after == {"billed_units": pytest.approx(73 * (0.75 + 0.25 * kept))}


def test_embeddings_have_no_answers_to_limit() -> None:
    ((verdict, sentence, _),) = OutputLimit().verdicts(usage_of({"output_tokens": 0})).summary()
    assert verdict == "not_applicable"
    assert "no output tokens" in sentence
