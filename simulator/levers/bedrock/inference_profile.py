"""Cross-region profile: global instead of in region or geographic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.catalog import base_model
from simulator.levers.bedrock.traffic import (
    missing_tokens,
    not_offered,
    only_billed,
    other_tier,
    prompt_tokens,
    wrong_tier,
)
from simulator.levers.lever import Lever, Verdicts, at_setting, decide, refuse, rewritten, unsure
from simulator.usage.bedrock import priced_at
from simulator.usage.tables import Usage

GLOBAL = "global."


@dataclass(frozen=True)
class InferenceProfile(Lever):
    """Ask a model through its global profile, a tenth cheaper than in region or in a geography.

    Only the model id changes: `global.` in front. The difference is there for Claude since 4.5 and Nova 2; where
    both cost the same nothing is saved. A request may then be answered in any commercial region: a bad idea where
    contract or law binds the data to a region, and caches warm up again.

    Source: rules.md#inference-profiles; Bedrock user guide, cross-region inference;
    pricing_data/bedrock_offers.csv.
    """

    id = "inference_profile"
    title = "Global inference profile"
    stage = 4
    table = "bedrock"
    effort_hours = 4.0
    phase = 2

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models on demand that have a global profile and are not asked through it."""
        b, catalog = usage.bedrock, usage.catalog
        return decide(
            b,
            *wrong_tier(b),
            other_tier(b),
            unsure(~usage.catalog.model_known[b.model], "The model is unknown, and so are its profiles."),
            refuse(global_codes(catalog.models)[b.model] == b.model, "Already uses the global profile."),
            *not_offered(catalog.global_offered[b.model], "a global profile"),
            unsure(
                global_codes(catalog.models)[b.model] < 0, "The price of its global profile is not known."
            ),
            missing_tokens(b),
            only_billed(b),
            unsure(
                (b.priced_model != b.model) & (_long(usage) == global_codes(catalog.models)[b.model]),
                "Its prompts are priced as long ones: what those cost through the global profile is not known.",
            ),
            otherwise="AWS offers a global profile; any region may answer, so check where your data may go.",
        )

    def apply(self, usage: Usage) -> Usage:
        """The same tokens at the global profile's prices."""
        b = usage.bedrock
        ok = self.verdicts(usage).applies
        new = np.where(ok, global_codes(usage.catalog.models)[b.model], b.model)
        priced = np.where(b.priced_model != b.model, _long(usage), new)
        return rewritten(usage, "bedrock", model=new, priced_model=np.where(ok, priced, b.priced_model))


def _long(usage: Usage) -> Any:
    """The global profile's code for prompts of this length; that of its ordinary price where no other is known."""
    b = usage.bedrock
    code = global_codes(usage.catalog.models)[b.model]
    return priced_at(code, at_setting(prompt_tokens(b)), b.requests, usage.catalog)


@cache
def global_codes(models: tuple[str, ...]) -> NDArray[np.int64]:
    """Code of each model's global profile, -1 none; the last entry is unknown's."""
    code = {name: number for number, name in enumerate(models)}
    return np.array([*(code.get(GLOBAL + base_model(name), -1) for name in models), -1], np.int64)
