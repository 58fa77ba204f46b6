"""What AWS would refuse: botocore's own validation, and the enums, maxima and patterns that it does not check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.validate import ParamValidator


@cache
def model(service: str) -> Any:
    """The service model."""
    return botocore.session.get_session().get_service_model(service)


def problems(service: str, operation: str, parameters: dict[str, Any]) -> list[str]:
    """Everything wrong with a request, in words."""
    try:
        shape = model(service).operation_model(operation).input_shape
    except UnknownServiceError as error:
        return [str(error)]
    report = ParamValidator().validate(parameters, shape)
    found = [report.generate_report()] if report.has_errors() else []
    return found + list(_limits(shape, parameters, operation))


def _limits(shape: Any, value: Any, place: str) -> Iterator[str]:
    kind, meta = shape.type_name, shape.metadata
    if kind == "structure" and isinstance(value, dict):
        for name, part in value.items():
            if name in shape.members:
                yield from _limits(shape.members[name], part, f"{place}.{name}")
    elif kind == "list" and isinstance(value, list):
        yield from _most(meta, len(value), place)
        for part in value:
            yield from _limits(shape.member, part, f"{place}[]")
    elif kind == "map" and isinstance(value, dict):
        for part in value.values():
            yield from _limits(shape.value, part, f"{place}{{}}")
    elif kind == "string" and isinstance(value, str):
        yield from _most(meta, len(value), place)
        yield from _words(shape, value, place)
    elif kind in ("integer", "long", "float", "double"):
        yield from _most(meta, value, place)


def _most(meta: dict[str, Any], size: float, place: str) -> Iterator[str]:
    if "max" in meta and size > meta["max"]:
        yield f"{place}: {size} is more than {meta['max']}"


def _words(shape: Any, value: str, place: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{place}: {value!r} is none of {len(shape.enum)} values, such as {shape.enum[:3]}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(_python(pattern), value):
        yield f"{place}: {value!r} does not match {pattern}"


PAIRS = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF", r"\p{L}": "a-zA-Z", r"\p{IsAlphabetic}": "a-zA-Z",
    r"\p{Alpha}": "a-zA-Z", r"\p{N}": "0-9", r"\p{Z}": r"\s", r"\p{S}": r"$+<=>^`|~", r"\p{P}": r"!-/:-@\[-_{}",
    r"\p{Graph}": "!-~", r"\p{M}": "", r"\p{C}": "", r"\p{Print}": "[ -~]", r"|(?i)": "|",
}  # fmt: skip


def _python(pattern: str) -> str:
    """Java's character classes and surrogate pairs as Python's."""
    for java, python in PAIRS.items():
        pattern = pattern.replace(java, python)
    return pattern
