"""The form of a scenario file; what the values mean is checked by Scenario.from_dict and the levers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Values = dict[str, Any]
Months = dict[str, Any]


class ScenarioDocument(BaseModel):
    """Keys and kinds of a scenario file. Null stands for absent."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: Annotated[int, Field(description="the whole number 1")] = 1
    name: Annotated[str | None, Field(max_length=200, description="a text of at most 200 characters")] = None
    levers: Annotated[
        dict[str, Values | None] | None, Field(description="an object of lever ids, each with an object")
    ] = None
    start_months: Annotated[Months | None, Field(description="an object of lever ids and months")] = None
    ramp_months: Annotated[Months | None, Field(description="an object of lever ids and months")] = None
    keep: Annotated[list[str] | None, Field(description="a list of resource names")] = None
    growth_range: Annotated[
        dict[str, list[float]] | None,
        Field(description="an object of growths, each with P10 and P90 per year"),
    ] = None
    scopes: Annotated[
        dict[str, dict[str, list[str]] | None] | None,
        Field(description="an object of lever ids, each with lists of owners, tags or resources"),
    ] = None
    planning: Annotated[Values | None, Field(description="an object of assumptions")] = None
    prices_as_of: Annotated[str | None, Field(description="a date such as 2026-11-24")] = None
    discount_ratio: Annotated[float | None, Field(description="a ratio from 0 to below 1")] = None
    workloads: Annotated[
        list[Values] | None, Field(max_length=200, description="a list of at most 200 workloads")
    ] = None
    assume: Annotated[list[str] | None, Field(description="a list of lever ids")] = None
    made_with: Any = None
