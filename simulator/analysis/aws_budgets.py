"""Budgets as AWS Budgets writes them (`aws budgets describe-budgets`, `create-budget`), and as a CSV.

AWS filters by service and tag, not by our components: SageMaker's three (training, hosting, compute) go together or not
at all. Source: AWS Budgets API reference, Budget: BudgetLimit, PlannedBudgetLimits (keys are epoch seconds of the
month's start), CostFilters (Service, TagKeyValue "user:key$value"), TimeUnit, BudgetType.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from simulator.analysis.budget import EVERY, Budget
from simulator.errors import InputError

SERVICES = {
    "Amazon SageMaker": ("training", "hosting", "compute"),
    "Amazon Bedrock": ("bedrock",),
    "Amazon Simple Storage Service": ("storage",),
}
OWNER_TAG = "owner"
USER = "user:"


def from_aws(data: Any) -> list[Budget]:
    """Budgets of a `describe-budgets` answer or of one `Budget`. Raises InputError for what cannot be followed."""
    found = data.get("Budgets", [data]) if isinstance(data, Mapping) else data
    if not isinstance(found, list) or not found:
        raise InputError("AWS Budgets: expected an object with a list Budgets, or one budget")
    return [_budget(item.get("Budget", item) if isinstance(item, Mapping) else item) for item in found]


def to_aws(budgets: list[Budget], owner_tag: str = OWNER_TAG) -> dict[str, Any]:
    """The budgets as AWS has them; an owner becomes the tag `owner_tag`. Raises InputError for a part of SageMaker."""
    return {"Budgets": [_aws(b, owner_tag) for b in budgets]}


def from_table(frame: pd.DataFrame) -> list[Budget]:
    """Budgets of a CSV: name, usd, and where wanted month, component, owner, tag; rows of a name are one budget."""
    missing = {"name", "usd"} - set(frame.columns)
    if missing:
        raise InputError(f"budgets: no column {sorted(missing)[0]}")
    full = frame.reindex(columns=["name", "month", "component", "owner", "tag", "usd"])
    texts = full.drop(columns="usd").astype(object).fillna("").astype(str).apply(lambda c: c.str.strip())
    usd = pd.to_numeric(full["usd"], errors="coerce")
    if usd.isna().any():
        raise InputError(f"budgets, line {int(usd.isna().to_numpy().argmax()) + 2}: usd is no number")
    made: dict[str, Budget] = {}
    for row, dollars in zip(texts.to_dict("records"), usd, strict=True):
        known = made.get(row["name"])
        month = _month(row["name"], row["month"])
        parts = tuple(c for c in row["component"].split("+") if c)
        if known and (
            month in known.monthly_usd
            or (known.components, known.owner, known.tag) != (parts, row["owner"], row["tag"])
        ):
            raise InputError(
                f"budget {row['name']}: {month or 'every month'} appears twice, or its scope differs by row"
            )
        monthly = {**(known.monthly_usd if known else {}), month: float(dollars)}
        made[row["name"]] = Budget(row["name"], monthly, parts, row["owner"], row["tag"])
    return list(made.values())


def _month(name: str, text: str) -> str:
    if text == EVERY:
        return text
    try:
        return datetime.strptime(text[:7], "%Y-%m").replace(tzinfo=UTC).strftime("%Y-%m")
    except ValueError:
        raise InputError(f"budget {name}: expected a month such as 2026-12, not {text!r}") from None


def _budget(item: Any) -> Budget:
    if not isinstance(item, Mapping) or not isinstance(item.get("BudgetName"), str):
        raise InputError("AWS Budgets: a budget without BudgetName")
    name = item["BudgetName"]
    if item.get("BudgetType", "COST") != "COST" or item.get("TimeUnit", "MONTHLY") != "MONTHLY":
        raise InputError(f"budget {name}: only monthly budgets of cost can be compared")
    monthly = {
        datetime.fromtimestamp(_number(name, epoch), UTC).strftime("%Y-%m"): _usd(name, limit)
        for epoch, limit in (item.get("PlannedBudgetLimits") or {}).items()
    }
    if not monthly:
        monthly = {EVERY: _usd(name, item.get("BudgetLimit"))}
    components, owner, tag = _scope(name, item.get("CostFilters") or {})
    return Budget(name, monthly, components, owner, tag)


def _scope(name: str, filters: Mapping[str, Any]) -> tuple[tuple[str, ...], str, str]:
    unknown = set(filters) - {"Service", "TagKeyValue"}
    values = list(filters.get("TagKeyValue", []))
    if unknown or len(values) > 1 or (values and filters.get("Service")):
        raise InputError(f"budget {name}: of CostFilters only Service, or one TagKeyValue, can be followed")
    if values:
        key, _, value = str(values[0]).removeprefix(USER).partition("$")
        return ((), value, "") if key == OWNER_TAG else ((), "", f"{key}={value}")
    wrong = [s for s in filters.get("Service", []) if s not in SERVICES]
    if wrong:
        raise InputError(f"budget {name}: service {wrong[0]} is no part of this bill")
    return tuple(c for s in filters.get("Service", []) for c in SERVICES[s]), "", ""


def _aws(budget: Budget, owner_tag: str) -> dict[str, Any]:
    every = budget.monthly_usd.get(EVERY)
    months = {m: v for m, v in budget.monthly_usd.items() if m != EVERY}
    if every is not None and months:
        raise InputError(
            f"budget {budget.name}: AWS Budgets has one amount, or one per named month, not both"
        )
    made: dict[str, Any] = {"BudgetName": budget.name, "BudgetType": "COST", "TimeUnit": "MONTHLY"}
    if every is not None:
        made["BudgetLimit"] = _limit(every)
    else:
        starts = {m: datetime.strptime(m, "%Y-%m").replace(tzinfo=UTC) for m in sorted(months)}
        made["PlannedBudgetLimits"] = {str(int(t.timestamp())): _limit(months[m]) for m, t in starts.items()}
    filters = _filters(budget, owner_tag)
    return made | ({"CostFilters": filters} if filters else {})


def _filters(budget: Budget, owner_tag: str) -> dict[str, list[str]]:
    if budget.owner:
        return {"TagKeyValue": [f"{USER}{owner_tag}${budget.owner}"]}
    if budget.tag:
        return {"TagKeyValue": [USER + budget.tag.replace("=", "$", 1)]}
    services = [s for s, parts in SERVICES.items() if set(parts) <= set(budget.components)]
    if set(budget.components) - {c for s in services for c in SERVICES[s]}:
        raise InputError(
            f"budget {budget.name}: AWS Budgets filters by service; {', '.join(budget.components)} is a part of one. "
            "SageMaker's training, hosting and compute go together"
        )
    return {"Service": services} if services else {}


def _limit(usd: float) -> dict[str, str]:
    return {"Amount": f"{usd:.2f}", "Unit": "USD"}


def _usd(name: str, limit: Any) -> float:
    if not isinstance(limit, Mapping) or limit.get("Unit", "USD") != "USD":
        raise InputError(f"budget {name}: expected an amount in USD")
    return _number(name, limit.get("Amount"))


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"budget {name}: {value!r} is no number") from None
