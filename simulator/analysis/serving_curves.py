"""Tokens per second of a served model against its traffic: two numbers per hardware, model and engine.

    served = offered / (1 + (offered / ceiling)^knee)^(1 / knee),   offered = requests per second × tokens per request

Continuous batching serves what arrives until the accelerator is full: the ceiling is what a full batch writes per
second, the knee how sharply the curve turns into it (a queue before a server that slows as its batch grows; knee → ∞
is min(offered, ceiling)). Both are fitted to measured runs by least absolute relative error, on a grid. Tokens are
those written. Measured: `pricing_data/serving/runs.csv`, each row with its source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.shipped import PRICING_DATA
from simulator.sources.load_tests import Run

Array = NDArray[np.float64]
SERVING = PRICING_DATA / "serving"
ABOUT = ("engine", "model", "precision", "accelerator", "accelerators")
KNEES = np.geomspace(1.0, 40.0, 45)
HEADROOM = np.linspace(0.9, 1.3, 81)
LEAST_UNMEASURED_BAND = 2.0
SCALED_FROM = "A100-80GB"
BYTES = {"float16": 2, "fp8": 1}
USABLE_MEMORY = 0.9
BILLION_WEIGHTS = {"Llama-3.1-8B": 8.03, "Qwen3-30B-A3B": 30.5, "Mixtral-8x7B": 46.7}
"""Weights of the measured models, by their model cards: what must fit beside the cache of a batch."""


@dataclass(frozen=True)
class Curve:
    """What one replica writes. `band_ratio` is by how much the ceiling may be off, up or down (1.05: 5 %).

    `measured` is false where the ceiling was scaled from other hardware by memory bandwidth.
    """

    name: str
    ceiling_tokens_per_second: float
    knee: float
    accelerators: int
    measured: bool
    band_ratio: float
    source: str

    def served(self, offered_tokens_per_second: Array | float) -> Array:
        """Tokens written per second at an offered rate, one replica."""
        offered = np.asarray(offered_tokens_per_second, float)
        return offered / (1 + (offered / self.ceiling_tokens_per_second) ** self.knee) ** (1 / self.knee)

    def offered(self, served_tokens_per_second: float) -> float:
        """The offered rate at which so much is written: infinite from the ceiling on."""
        share = served_tokens_per_second / self.ceiling_tokens_per_second
        return np.inf if share >= 1 else served_tokens_per_second / (1 - share**self.knee) ** (1 / self.knee)

    def scaled(self, ratio: float) -> float:
        """The ceiling times a ratio."""
        return self.ceiling_tokens_per_second * ratio


def fit(offered: Array, served: Array) -> tuple[float, float]:
    """Ceiling and knee with the least absolute relative error. One run alone: its rate is the ceiling, sharply."""
    finite = np.isfinite(offered)
    top = float(served.max())
    if finite.sum() < 2:
        return top, float(KNEES[-1])
    rates = np.where(finite, offered, 1e3 * top)
    share = rates[None, :] / (top * HEADROOM)[:, None]
    with np.errstate(over="ignore"):
        curve = rates * (1 + share[:, None, :] ** KNEES[None, :, None]) ** (-1 / KNEES[None, :, None])
    error = np.abs(np.log(np.maximum(curve, 1e-300) / served)).sum(axis=2)
    height, knee = np.unravel_index(int(error.argmin()), error.shape)
    return float(top * HEADROOM[height]), float(KNEES[knee])


def own_curve(tests: Sequence[Run]) -> Curve:
    """The curve of a load test of one instance."""
    offered = np.array([t.requests_per_second * t.output_tokens_per_request for t in tests])
    served = np.array([t.output_tokens_per_second for t in tests])
    return Curve("your load test", *fit(offered, served), 1, True, 1.05, "load test")


@cache
def runs() -> pd.DataFrame:
    """Every measured run. `offered` and `served` are output tokens per second."""
    table = pd.read_csv(SERVING / "runs.csv")
    table["offered"] = table["requests_per_second"] * table["output_tokens_per_request"]
    return table.rename(columns={"output_tokens_per_second": "served"})


@cache
def measured_curves() -> tuple[tuple[dict[str, object], Curve], ...]:
    """A curve per measured configuration with what it was measured on."""
    table = runs()
    table = table[~table["held_back"]]
    band = 1 + float(leave_one_out()["error"].quantile(0.9))
    made: list[tuple[dict[str, object], Curve]] = []
    for name, rows in table.groupby("run", sort=False):
        ceiling, knee = fit(rows["offered"].to_numpy(float), rows["served"].to_numpy(float))
        about = {column: rows.iloc[0][column] for column in ABOUT}
        where = f"{about['accelerators']} × {about['accelerator']}"
        label = f"{about['model']} {about['precision']} on {where}, {about['engine']}"
        source = f"{rows.iloc[0]['source']} {name}"
        made.append((about, Curve(label, ceiling, knee, int(about["accelerators"]), True, band, source)))
    return tuple(made)


@cache
def leave_one_out() -> pd.DataFrame:
    """Each run predicted by the curve of the other runs of its configuration: `error` of the cost per token."""
    table = runs()
    scored = []
    for name, rows in table[~table["held_back"]].groupby("run", sort=False):
        offered, served = rows["offered"].to_numpy(float), rows["served"].to_numpy(float)
        for n in range(len(rows)):
            kept = np.arange(len(rows)) != n
            curve = Curve("", *fit(offered[kept], served[kept]), 1, True, 1.0, "")
            scored.append(
                (name, float(rows["requests_per_second"].iloc[n]), _error(curve, offered[n], served[n]))
            )
    return pd.DataFrame(scored, columns=["run", "requests_per_second", "error"])


@cache
def held_back() -> pd.DataFrame:
    """The runs no curve saw: other lengths of prompt and answer, prefix caching, other burstiness."""
    curves = {curve.source.rpartition(" ")[2]: curve for _, curve in measured_curves()}
    table = runs()
    table = table[table["held_back"]].copy()
    table["error"] = [
        _error(curves[r], o, s)
        for r, o, s in zip(table["run"], table["offered"], table["served"], strict=True)
    ]
    return table[["run", "shape", "prefix_caching", "burstiness", "requests_per_second", "served", "error"]]


@cache
def elsewhere() -> pd.DataFrame:
    """Public figures of full servers that no curve was fitted to.

    `predicted` is the ceiling we would give, `ratio` that over the measured one. `fitted`: the accelerator is one the
    curves were measured on (other lengths, engine and date).
    """
    table = pd.read_csv(SERVING / "elsewhere.csv")
    on = set(runs()["accelerator"])
    predicted = []
    for row in table.itertuples():
        curve = _curve_at(str(row.instance_type), "Llama-3.1-8B", str(row.precision), "vllm")
        predicted.append(curve.ceiling_tokens_per_second / curve.accelerators if curve else np.nan)
    made = table.assign(predicted=predicted, fitted=[a in on for a in table["accelerator"]])
    return made.assign(ratio=made["predicted"] / made["output_tokens_per_second"])


@cache
def unmeasured_band() -> float:
    """By how much the ceiling was off at worst on accelerators the curves were not measured on; at least by two."""
    ratio = elsewhere().query("not fitted")["ratio"].to_numpy(float)
    return float(max(LEAST_UNMEASURED_BAND, ratio.max(), (1 / ratio).max()))


@cache
def unlike_band() -> float:
    """By how much the ceiling was off at worst for other lengths of prompt and answer than the fitted runs had."""
    return float(1 / (1 - held_back()["error"].max()))


def _error(curve: Curve, offered: float, served: float) -> float:
    """Of dollars per token, which are price / served: |predicted / true - 1|."""
    return abs(served / float(curve.served(offered)) - 1)


@cache
def accelerators() -> pd.DataFrame:
    """What the accelerators are: memory and its bandwidth, by the vendor's data sheets."""
    return pd.read_csv(SERVING / "accelerators.csv")


@cache
def instance_accelerator(instance_type: str) -> tuple[str, int] | None:
    """Accelerator and count of an instance type, or None where it has none that we know."""
    table = pd.read_csv(PRICING_DATA / "instances.csv").set_index("instance_type")
    if instance_type not in table.index:
        return None
    row = table.loc[instance_type]
    count = int(np.nan_to_num(float(str(row["gpu_count"]))))
    if count < 1:
        return None
    per = float(str(row["gpu_memory_gib"])) / count
    known = accelerators()
    found = known[(known["gpu_model"] == row["gpu_model"]) & (np.isclose(known["gpu_memory_gib"], per))]
    return (str(found["accelerator"].iloc[0]), count) if len(found) else None


def curve_for(
    instance_type: str, model: str, precision: str = "float16", engine: str = "vllm"
) -> Curve | None:
    """The curve of a model on an instance type: measured on its accelerator, else scaled by memory bandwidth with the
    band of unmeasured hardware, else None: unknown, or the weights do not fit. Replicas fill the instance."""
    found = _curve_at(instance_type, model, precision, engine)
    if found is None or found.measured:
        return found
    return replace(found, band_ratio=unmeasured_band())


def _curve_at(instance_type: str, model: str, precision: str, engine: str) -> Curve | None:
    found = instance_accelerator(instance_type)
    if found is None:
        return None
    accelerator, count = found
    fitting = [
        (about, curve)
        for about, curve in measured_curves()
        if model.lower() in str(about["model"]).lower()
        and about["precision"] == precision
        and about["engine"] == engine
        and curve.accelerators <= count
    ]
    same = [x for x in fitting if x[0]["accelerator"] == accelerator]
    if same:
        curve = min(same, key=lambda x: x[1].accelerators)[1]
        return _filled(curve, curve.accelerators, count, 1.0, curve.band_ratio, measured=True)
    if not fitting:
        return None
    about, curve = max(fitting, key=lambda x: x[0]["accelerator"] == SCALED_FROM)
    table = accelerators().set_index("accelerator")
    per = int(
        np.ceil(
            weights_gib(str(about["model"]), precision) / USABLE_MEMORY / table["gpu_memory_gib"][accelerator]
        )
    )
    if per > count:
        return None
    speed = table["memory_bandwidth_gb_per_second"]
    ratio = float(speed[accelerator] / speed[str(about["accelerator"])])
    return _filled(curve, per, count, ratio * per / curve.accelerators, LEAST_UNMEASURED_BAND, measured=False)


def weights_gib(model: str, precision: str) -> float:
    """What the weights take; a model we do not know fits as it was measured."""
    found = next((w for name, w in BILLION_WEIGHTS.items() if name in model), 0.0)
    return found * 1e9 * BYTES.get(precision, 2) / 2**30


def _filled(curve: Curve, per: int, count: int, ratio: float, band: float, *, measured: bool) -> Curve:
    """Replicas on `per` accelerators each, as many as the instance holds."""
    return Curve(
        curve.name, curve.scaled(ratio * (count // per)), curve.knee, count, measured, band, curve.source
    )


@cache
def measured_model(name: str) -> str | None:
    """The measured model that a model's name says it is, however written (llama-3-1-8b-instruct)."""
    plain = "".join(c for c in name.lower() if c.isalnum())
    return next((m for m in BILLION_WEIGHTS if "".join(c for c in m.lower() if c.isalnum()) in plain), None)
