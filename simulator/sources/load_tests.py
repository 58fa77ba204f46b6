"""A user's own load test: JSON of vLLM `bench serve`, GenAI-Perf or AIPerf, or a CSV, one file per rate or one for all.

SageMaker's benchmark jobs run AIPerf: `profile_export_aiperf.json` of their S3 output is read.

What is read: requests per second that arrived (infinite or absent: as many as it could take), requests per second
that were answered, tokens written per second. Raises InputError in words.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.documents import parse, read_text_file
from simulator.errors import InputError

COLUMNS = ("requests_per_second", "output_tokens_per_request", "output_tokens_per_second")


@dataclass(frozen=True)
class Run:
    """One rate of a load test; `requests_per_second` is infinite where the test sent as much as it could."""

    requests_per_second: float
    output_tokens_per_request: float
    output_tokens_per_second: float


def read_load_tests(paths: Sequence[Path]) -> tuple[Run, ...]:
    """Every run of the files. Raises InputError naming the file and what was expected."""
    made: list[Run] = []
    for path in paths:
        text = read_text_file(path)
        if path.suffix.lower() == ".csv":
            made += _from_csv(text, path.name)
        else:
            data = parse(text, path.name)
            made += [_from_json(d, path.name) for d in (data if isinstance(data, list) else [data])]
    if not made:
        raise InputError("load test: no runs in the files")
    return tuple(made)


def _from_csv(text: str, name: str) -> list[Run]:
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise InputError(f"{name}: not a CSV that can be read ({error})") from None
    missing = [c for c in COLUMNS if not rows or c not in rows[0]]
    if missing:
        raise InputError(f"{name}: expected rows with the columns {', '.join(COLUMNS)}")
    rate, length, written = COLUMNS
    return [_run(row[rate], row[length], row[written], name) for row in rows]


def _from_json(data: Any, name: str) -> Run:
    if not isinstance(data, Mapping):
        raise InputError(f"{name}: expected the JSON of vllm bench serve, GenAI-Perf or AIPerf")
    if "output_throughput" in data:
        return _from_vllm(data, name)
    if "output_token_throughput" in data:
        return _from_genai_perf(data, name)
    raise InputError(
        f"{name}: neither output_throughput (vLLM) nor output_token_throughput (GenAI-Perf, AIPerf) is in it"
    )


def _from_vllm(data: Mapping[str, Any], name: str) -> Run:
    written, answered = data["output_throughput"], data.get("request_throughput")
    return _run(data.get("request_rate", math.inf), _ratio(written, answered, name), written, name)


def _from_genai_perf(data: Mapping[str, Any], name: str) -> Run:
    def mean(key: str) -> Any:
        found = data.get(key)
        return found.get("avg") if isinstance(found, Mapping) else found

    written = mean("output_token_throughput")
    length = mean("output_sequence_length") or _ratio(written, mean("request_throughput"), name)
    return _run(_asked_rate(data.get("input_config")) or math.inf, length, written, name)


def _asked_rate(config: Any) -> Any:
    """The rate that was asked for, wherever in the configuration the tool's version keeps it; None without one."""
    if isinstance(config, Mapping):
        inner = (_asked_rate(v) for v in config.values())
        return config.get("request_rate") or next((rate for rate in inner if rate), None)
    if isinstance(config, list):
        return next((rate for rate in map(_asked_rate, config) if rate), None)
    return None


def _ratio(tokens: Any, requests: Any, name: str) -> float:
    try:
        return float(tokens) / float(requests)
    except (TypeError, ValueError, ZeroDivisionError):
        raise InputError(f"{name}: request_throughput is missing or 0") from None


def _run(rate: Any, length: Any, written: Any, name: str) -> Run:
    try:
        made = Run(float(rate), float(length), float(written))
    except (TypeError, ValueError):
        raise InputError(f"{name}: expected numbers, not {rate!r}, {length!r}, {written!r}") from None
    fine = made.requests_per_second > 0 and 0 < made.output_tokens_per_request < math.inf
    if not (fine and 0 < made.output_tokens_per_second < math.inf):
        raise InputError(f"{name}: rates, lengths and throughput must be above 0")
    return made
