"""A smaller model taught by the larger one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.catalog import base_model
from simulator.levers.bedrock.model_routing import cheaper_codes, mean_prompt, smaller_model, to_smaller
from simulator.levers.bedrock.traffic import missing_tokens, only_billed, other_tier, wrong_tier
from simulator.levers.lever import Evidence, Lever, Verdicts, decide, rewritten, unsure
from simulator.params import param
from simulator.usage.tables import Usage

CUSTOM_ON_DEMAND = ("amazon.nova-micro", "amazon.nova-lite", "amazon.nova-pro")
"""What ids of models begin with that AWS serves customised and on demand; others need provisioned throughput."""


@dataclass(frozen=True)
class Distillation(Lever):
    """Teach a smaller model on the larger one's answers and send it the requests it masters (or fine-tune it).

    The share that the taught model answers well enough is to be stated after an evaluation. It is served on demand
    at the smaller model's price times a factor; storage of the custom model is monthly. Once: the teacher answers the
    prompts it teaches with, and the student trains on them, at a price per token not in our data: the lever asks
    for it (`bedrock_training`) before it saves. A bad idea for tasks that change every month, and where requests have
    little in common.

    Source: rules.md#model-routing; Bedrock user guide, model-distillation and custom-model on-demand inference (Nova).
    """

    id = "distillation"
    title = "Distil to a smaller model"
    stage = 4
    table = "bedrock"
    excludes = ("model_routing", "prompt_routing")
    effort_hours = 120.0
    phase = 3
    ramp_months = 2

    quality_ratio: float = param(
        "Share of requests the taught model answers well enough", "ratio", 0.50, low=0.20, high=0.80, step=0.05,
        grade="assumed", source="Our judgement: to be stated after an evaluation on your own requests",
    )  # fmt: skip
    price_ratio: float = param(
        "Price of the customised model over its base", "ratio", 1.0, low=1.0, high=1.5, step=0.05, minimum=0.5,
        maximum=5.0, grade="assumed", source="Our judgement: AWS's page states the price per model",
    )  # fmt: skip
    training_prompts: float = param(
        "Prompts the teacher answers", "requests", 10_000.0, low=5_000.0, high=15_000.0, step=1_000.0, minimum=100.0,
        maximum=100_000.0, grade="assumed", source="Bedrock user guide, model-distillation: at most 15,000 prompts",
    )  # fmt: skip
    epochs: float = param(
        "Times the student reads them", "epochs", 2.0, low=1.0, high=5.0, step=1.0, minimum=1.0, maximum=10.0,
        grade="assumed", source="Our judgement; a hyperparameter of the customisation job",
    )  # fmt: skip

    def verdicts(self, usage: Usage) -> Verdicts:
        """Models with known tokens and requests, and a smaller one that AWS serves customised on demand."""
        b, catalog = usage.bedrock, usage.catalog
        smaller = cheaper_codes(catalog)[b.model]
        return decide(
            b,
            *wrong_tier(b),
            other_tier(b),
            missing_tokens(b),
            only_billed(b),
            *smaller_model(b, catalog),
            unsure(
                ~_served(catalog.models)[smaller],
                "Whether AWS serves its smaller model customised and on demand is not in our data.",
            ),
            unsure(
                ~(b.requests > 0),
                "Its requests are unknown, and so is what the teacher would have to answer.",
            ),
            otherwise="A smaller model can be taught on its answers; state the share it masters after an evaluation.",
        )

    def apply(self, usage: Usage) -> Usage:
        """The mastered share at the smaller model; teaching once, storage every month."""
        b, catalog = usage.bedrock, usage.catalog
        ok = self.verdicts(usage).applies
        target = np.where(ok, cheaper_codes(catalog)[b.model], b.routed_model)
        moved = np.where(ok, self.quality_ratio, 0.0)
        columns = to_smaller(b, catalog, ok, target, moved, moved)
        for name in ("routed_input_tokens", "routed_output_tokens"):
            columns[name] = getattr(b, name) + (columns[name] - getattr(b, name)) * self.price_ratio
        asked = np.where(ok, b.requests, 1.0)
        prompts = np.minimum(self.training_prompts, asked) / asked
        read, written = (np.where(ok, n * prompts, 0.0) for n in (mean_prompt(b) * asked, b.output_tokens))
        return rewritten(
            usage,
            "bedrock",
            custom_models=b.custom_models + np.where(ok, 1.0, 0.0),
            teacher_input_tokens=b.teacher_input_tokens + read,
            teacher_output_tokens=b.teacher_output_tokens + written,
            training_tokens=b.training_tokens + (read + written) * self.epochs,
            **columns,
        )

    def evidence(self, usage: Usage) -> tuple[Evidence, ...]:
        """An evaluation, which a snapshot cannot hold."""
        nowhere = np.zeros(len(usage.bedrock), bool)
        return (
            Evidence(nowhere, "What share the taught model masters is assumed; an evaluation would show."),
        )


@cache
def _served(models: tuple[str, ...]) -> NDArray[np.bool_]:
    """Models that AWS serves customised and on demand; the last entry is unknown's."""
    return np.array([*(base_model(m).startswith(CUSTOM_ON_DEMAND) for m in models), False], bool)
