"""What an agent may say to a tool: types with what they mean and their bounds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from simulator.cli.limits import MAX_MONTHS

Usage = Annotated[str, Field(description="a sample (team, report) or the path of a snapshot", max_length=500)]
ScenarioName = Annotated[
    str, Field(description="a preset (see list_presets) or the path of a scenario file", max_length=500)
]
On = Annotated[
    list[str] | None, Field(description="ids of levers to turn on, with their defaults", max_length=100)
]
Settings = Annotated[
    dict[str, float | int | bool | str] | None,
    Field(
        description='parameters by "lever.parameter", such as {"managed_spot.discount": 0.5}; turns the lever on'
    ),
]
Planned = Annotated[
    list[dict[str, Any]] | None,
    Field(
        description="workloads that are planned, as in docs/workloads.md; see list_workloads", max_length=50
    ),
]
Months = Annotated[int, Field(ge=1, le=MAX_MONTHS)]
Detail = Annotated[bool, Field(description="everything instead of the short answer")]
