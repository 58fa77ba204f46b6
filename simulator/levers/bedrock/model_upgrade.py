"""Move off a model before its end of life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.levers.bedrock.traffic import missing_tokens, only_billed, prompt_tokens, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, at_setting, decide, refuse, rewritten, unsure
from simulator.params import param
from simulator.usage.bedrock import priced_at, tier_codes
from simulator.usage.tables import Usage


@dataclass(frozen=True)
class ModelUpgrade(Lever):
    """Ask the active model of the same provider and class instead of one that AWS retires.

    A model past its end of life answers nobody: the move is forced, and often to a costlier model. The lever shows
    what it costs. The requests stay the same; another tokenizer counts another number of tokens for the same
    text, which `token_ratio` says. A bad idea without an evaluation of the answers, but so is waiting: prices of
    a legacy model may rise in its last months.

    Source: rules.md#model-routing; Bedrock user guide, model lifecycle; pricing_data/bedrock_offers.csv.
    """

    id = "model_upgrade"
    title = "Move off retiring models"
    stage = 1
    table = "bedrock"
    effort_hours = 24.0
    phase = 2

    token_ratio: float = param(
        "Tokens the new model counts over those of the old", "ratio", 1.0, low=0.9, high=1.3, step=0.05,
        minimum=0.5, maximum=3.0, grade="assumed", source="Tokenizers differ; CountTokens measures it for your prompts",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models with an end of life and an active model of the same provider and class."""
        b, catalog = usage.bedrock, usage.catalog
        return decide(
            b.changed(ended=np.zeros(len(b), bool)),  # the one way that is left
            *wrong_tier(b),
            refuse(~usage.catalog.model_known[b.model], "The model is unknown, and so is its end of life."),
            unsure(
                (catalog.lifecycle[b.model] == "") & (catalog.replacement[b.model] >= 0),
                "Whether AWS retires its model is not in our data: see the model's page or GetFoundationModel.",
            ),
            refuse(catalog.end_of_life[b.model] == "", "No end of life of its model is in our data."),
            missing_tokens(b),
            only_billed(b),
            refuse(
                catalog.replacement[b.model] < 0,
                "AWS retires its model, and we know no active model of the same provider and class.",
            ),
            unsure(
                (b.tier_model >= 0) & (_tier(usage) < 0),
                "AWS retires its model, and what the next one costs in this service tier is not known.",
            ),
            otherwise="AWS retires its model: from its end of life requests fail. Evaluate the one that follows.",
        )

    def apply(self, usage: Usage) -> Usage:
        """The same requests, at the new model's prices."""
        b, catalog = usage.bedrock, usage.catalog
        ok = self.verdicts(usage).applies
        if not ok.any():
            return usage
        new = np.where(ok, catalog.replacement[b.model], b.model)
        columns: dict[str, Any] = {
            name: np.where(ok, getattr(b, name) * self.token_ratio, getattr(b, name)) for name in MOVED
        }
        return rewritten(
            usage,
            "bedrock",
            model=new,
            priced_model=np.where(ok, self._priced(usage, new), b.priced_model),
            routed_model=np.where(ok, new, b.routed_model),
            tier_model=np.where(ok, _tier(usage), b.tier_model),
            ended=b.ended & ~ok,
            **columns,
        )

    def _priced(self, usage: Usage, new: Any) -> Any:
        """The new model's price for prompts of this length; one for all draws, that of the setting."""
        b = usage.bedrock
        return priced_at(new, at_setting(prompt_tokens(b) * self.token_ratio), b.requests, usage.catalog)

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """An evaluation of the new model's answers and tokens."""
        return (
            Evidence(
                np.zeros(len(usage.bedrock), bool),
                "How many tokens the new model needs for the same work is assumed; a trial would show it.",
            ),
        )


def _tier(usage: Usage) -> Any:
    """Code of the replacement in the service tier of each row, -1 where it has none or the price is not listed."""
    b, catalog = usage.bedrock, usage.catalog
    return tier_codes(catalog.models, b.tier, catalog.replacement[b.model])


MOVED = (
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cache_write_1h_tokens",
    "tier_input_tokens", "tier_output_tokens", "tier_cache_read_tokens", "tier_cache_write_tokens",
)  # fmt: skip
