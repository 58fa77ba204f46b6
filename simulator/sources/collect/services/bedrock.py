"""Bedrock use by model and day. Source: CloudWatch AWS/Bedrock by ModelId, for every model id the region lists.

The cache metrics have two names in AWS's own texts: both are asked, the one that answers counts. Tokens that are
silent while there are invocations are missing, not zero (rules.md#where-tokens-come-from).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from simulator.sources.collect.client.reader import LOWER, Place, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.bedrock_bill import BedrockBill
from simulator.sources.collect.services.metrics import Floats, Metric, MetricReader, Series

NAMESPACE = "AWS/Bedrock"
SCOPES = {"us": "us", "eu": "eu", "apac": "apac", "global": "global"}
TOKENS = {
    "input_tokens": ("InputTokenCount",),
    "output_tokens": ("OutputTokenCount",),
    "cache_read_tokens": ("CacheReadInputTokenCount", "CacheReadInputTokens"),
    "cache_write_tokens": ("CacheWriteInputTokenCount", "CacheWriteInputTokens"),
}
LISTS = ("bedrock:models", "bedrock:inference_profiles", "bedrock:provisioned_throughput")
MUST_BE_THERE = ("input_tokens", "output_tokens")
Row = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A model id as callers use it, what it is billed as, and its provisioned units."""

    called: str
    billed: str
    scope: str = "in_region"
    units: float | None = None
    since: datetime | None = None


class Bedrock:
    """Reads the Bedrock use of one place."""

    def __init__(self, reader: Reader, tables: Tables, metrics: MetricReader, bill: BedrockBill) -> None:
        self.reader, self.tables, self.metrics, self.bill = reader, tables, metrics, bill
        self.place: Place = reader.place
        self.models: dict[str, Model] = {}

    def read_models(self) -> int:
        """Foundation and imported models, callable by id."""
        for page in self.reader.pages("bedrock", "ListFoundationModels", "modelSummaries", LOWER):
            for model in page["modelSummaries"]:
                self._add(Model(model["modelId"], model["modelId"]))
        for page in self.reader.pages(
            "bedrock", "ListImportedModels", "modelSummaries", LOWER, maxResults=100
        ):
            for model in page["modelSummaries"]:
                self._add(Model(model["modelArn"], model["modelName"]))
        return len(self.models)

    def read_profiles(self) -> int:
        """Inference profiles: cross-region ones by their prefix, application profiles by the model behind them."""
        count = 0
        for kind in ("SYSTEM_DEFINED", "APPLICATION"):
            pages = self.reader.pages(
                "bedrock",
                "ListInferenceProfiles",
                "inferenceProfileSummaries",
                LOWER,
                maxResults=100,
                typeEquals=kind,
            )
            for page in pages:
                for profile in page["inferenceProfileSummaries"]:
                    count += 1
                    self._add(profile_model(profile))
        return count

    def read_provisioned(self) -> int:
        """Provisioned throughput: bought model units, billed whether used or not."""
        count = 0
        for page in self.reader.pages(
            "bedrock", "ListProvisionedModelThroughputs", "provisionedModelSummaries", LOWER, maxResults=100
        ):
            for bought in page["provisionedModelSummaries"]:
                count += 1
                base = bought["foundationModelArn"].rpartition("/")[2]
                self._add(
                    Model(
                        bought["provisionedModelArn"],
                        base,
                        units=bought["modelUnits"],
                        since=bought["creationTime"],
                    )
                )
        return count

    def _add(self, model: Model) -> None:
        self.models.setdefault(model.called, model)

    def read_use(self) -> int:
        """Write one row a model and day with use; gives the number of rows."""
        models = list(self.models.values())
        calls = self.metrics.read([self._metric(m, "Invocations") for m in models])
        active = [
            (m, c)
            for m, c in zip(models, calls, strict=True)
            if m.units or (c.complete and c.values.sum() > 0)
        ]
        names = [n for alternatives in TOKENS.values() for n in alternatives]
        series = self.metrics.read([self._metric(m, n) for m, _ in active for n in names])
        rows: dict[tuple[str, str, date, str], Row] = {}
        for at, (model, invocations) in enumerate(active):
            answers = dict(zip(names, series[at * len(names) : (at + 1) * len(names)], strict=True))
            for row in self._rows(model, invocations, answers):
                merge(rows, row)
        written = self.tables.write("bedrock", self._billed(list(rows.values())))
        self.metrics.status()
        return written

    def _billed(self, rows: list[Row]) -> list[Row]:
        """The rows, with what only the bill knows; rows of the bill alone where CloudWatch, or a list of models to ask
        it for, was not readable: then of the models that CloudWatch did not tell of."""
        unread = self.metrics.failure or any(self.reader.failed(name) for name in LISTS)
        if unread and not any(r.get("requests") for r in rows):
            found = self.bill.rows(self.place.region, self.place.base, self._days()[-1])
            if found:
                self.reader.say(
                    "Bedrock use is that of the bill, entered on the last day; its requests are unknown."
                )
            return rows + found
        filled = self.bill.fill([r for r in rows if r["tier"] == "on_demand"], self.place.region)
        if filled:
            self.reader.say(
                f"the tokens of {filled:,} models are those of the bill, spread over days by requests."
            )
        return rows + self._of_others(rows) if unread else rows

    def _of_others(self, rows: list[Row]) -> list[Row]:
        """Rows of the bill for models without one: nothing that CloudWatch told is counted twice."""
        told = {r["model_id"] for r in rows} | {"unknown"}
        billed = self.bill.rows(self.place.region, self.place.base, self._days()[-1])
        found = [r for r in billed if r["model_id"] not in told]
        if found:
            self.reader.say(
                f"the use of {len({r['model_id'] for r in found}):,} models that could not be asked for is that of the "
                "bill, entered on the last day; its requests are unknown."
            )
        return found

    def _metric(self, model: Model, name: str) -> Metric:
        return Metric(NAMESPACE, name, (("ModelId", model.called),), "Sum")

    def _rows(self, model: Model, calls: Series, answers: dict[str, Series]) -> list[Row]:
        requests = self._daily(calls)
        tokens = {column: self._tokens(column, answers) for column in TOKENS}
        rows = []
        for at, day in enumerate(self._days()):
            bought = model.units is not None and (model.since is None or model.since.date() <= day)
            if not (requests[at] > 0 or bought):
                continue
            values = {c: None if np.isnan(v[at]) else v[at] for c, v in tokens.items()}
            for column in MUST_BE_THERE:
                if not values[column] and requests[at] > 0:
                    values[column] = None
            rows.append(
                {
                    **self.place.base,
                    "model_id": model.billed,
                    "scope": model.scope,
                    "date": day.isoformat(),
                    "requests": None if np.isnan(requests[at]) else requests[at],
                    "tier": "provisioned" if model.units else "on_demand",
                    "provisioned_units": model.units,
                    **values,
                }
            )
        return rows

    def _tokens(self, column: str, answers: dict[str, Series]) -> Floats:
        """Tokens by day from whichever of the metric's names has data; unknown when a must-be-there one is silent."""
        series = [answers[name] for name in TOKENS[column]]
        for answer in series:
            if answer.complete and answer.values.sum() > 0:
                return self._daily(answer)
        silent = all(a.complete for a in series) and column not in MUST_BE_THERE
        return np.zeros(len(self._days())) if silent else np.full(len(self._days()), np.nan)

    def _days(self) -> list[date]:
        last = (self.place.end - timedelta(microseconds=1)).date()
        first = self.place.start.date()
        return [first + timedelta(days=d) for d in range((last - first).days + 1)]

    def _daily(self, series: Series) -> Floats:
        """Hourly sums of the window by day, UTC; NaN when the answer is incomplete."""
        hours = series.by_hour(self.place.start, self.place.hours)
        day_of = (np.arange(len(hours)) + self.place.start.hour) // 24
        sums = np.zeros(len(self._days()))
        np.add.at(sums, day_of, hours)
        return sums


def profile_model(profile: Row) -> Model:
    """The model behind an inference profile: "us.x" is billed as x across US regions, others keep their id."""
    identity = profile["inferenceProfileId"]
    if profile.get("type") == "APPLICATION":
        behind = [m["modelArn"].rpartition("/")[2] for m in profile.get("models", ()) if m.get("modelArn")]
        return Model(identity, behind[0] if behind else identity)
    prefix, _, rest = identity.partition(".")
    return (
        Model(identity, rest, SCOPES[prefix])
        if prefix in SCOPES and "." in rest
        else Model(identity, identity)
    )


def merge(rows: dict[tuple[str, str, date, str], Row], row: Row) -> None:
    """Add a row to another of the same model, scope, day and tier; an unknown part makes the sum unknown."""
    key = (row["model_id"], row["scope"], row["date"], row["tier"])
    if key not in rows:
        rows[key] = row
        return
    for column in ("requests", "provisioned_units", *TOKENS):
        old, new = rows[key][column], row[column]
        rows[key][column] = None if old is None or new is None else old + new
