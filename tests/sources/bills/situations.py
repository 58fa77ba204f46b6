# ruff: noqa: DTZ001  bills are in UTC without a mark
"""Situations of bills written by hand: lines once, written as any export, and what comes of them end to end.

A `Line` is what AWS metered and charged. The writers know the columns of each export and nothing of our code.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.analysis.answer import answer
from simulator.engine.scenario import Scenario
from simulator.engine.simulate import simulate
from simulator.sources.bills import import_bill
from simulator.sources.bills.report import Imported
from tests.accounts import prices

ACCOUNT = "111122223333"
SEPTEMBER = datetime(2026, 9, 1)
G5 = "Host:ml.g5.2xlarge"
G5_USD = 1.515
"""On demand, SageMaker hosting, us-east-1."""
PRICES_AS_OF = date(2026, 11, 28)


@dataclass(frozen=True)
class Line:
    """One line: `usd` unblended, `more` the columns of legacy CUR by name."""

    usage_type: str
    quantity: float | None
    usd: float
    start: datetime = SEPTEMBER
    end: datetime = SEPTEMBER + timedelta(days=1)
    product: str = "AmazonSageMaker"
    name: str = ""
    kind: str = "Usage"
    resource: str = ""
    region: str = "us-east-1"
    unit: str = "Hrs"
    currency: str = "USD"
    account: str = ACCOUNT
    month: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def bill(self) -> datetime:
        """The billing period's first day."""
        return self.month or self.start.replace(day=1, hour=0)


def endpoint(name: str = "chat", region: str = "us-east-1", account: str = ACCOUNT) -> str:
    """ARN of an endpoint."""
    return f"arn:aws:sagemaker:{region}:{account}:endpoint/{name}"


def daily(line: Line, days: int, first: datetime = SEPTEMBER) -> list[Line]:
    """The line on each of some days."""
    moments = [first + timedelta(days=d) for d in range(days)]
    return [replace(line, start=m, end=m + timedelta(days=1)) for m in moments]


def hourly(line: Line, hours: int, first: datetime = SEPTEMBER) -> list[Line]:
    """The line in each of some hours."""
    moments = [first + timedelta(hours=h) for h in range(hours)]
    return [replace(line, start=m, end=m + timedelta(hours=1)) for m in moments]


def hosting(days: int = 30, first: datetime = SEPTEMBER, **more: Any) -> list[Line]:
    """One ml.g5.2xlarge endpoint around the clock, by day: $36.36 a day, $1,105.95 a month of 730 h."""
    prefix = more.pop("prefix", "USE1-")
    line = Line(f"{prefix}{G5}", 24.0, 36.36, resource=endpoint(), **more)
    return daily(line, days, first)


def cur_row(line: Line, number: int) -> dict[str, Any]:
    """Legacy CUR, every value as Python has it."""
    return {
        "identity/LineItemId": f"li{number:08d}",
        "identity/TimeInterval": f"{_z(line.start)}/{_z(line.end)}",
        "bill/BillingPeriodStartDate": line.bill,
        "bill/PayerAccountId": ACCOUNT,
        "lineItem/UsageAccountId": line.account,
        "lineItem/LineItemType": line.kind,
        "lineItem/UsageStartDate": line.start,
        "lineItem/UsageEndDate": line.end,
        "lineItem/ProductCode": line.product,
        "lineItem/UsageType": line.usage_type,
        "lineItem/ResourceId": line.resource,
        "lineItem/UsageAmount": line.quantity,
        "lineItem/CurrencyCode": line.currency,
        "lineItem/UnblendedCost": line.usd,
        "lineItem/LineItemDescription": "",
        "product/ProductName": line.name,
        "product/region": line.region,
        "pricing/unit": line.unit,
        **line.more,
    }


def cur_rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """All lines with every column that any of them has."""
    rows = [cur_row(line, i) for i, line in enumerate(lines)]
    columns = list(dict.fromkeys(c for row in rows for c in row))
    return [{c: row.get(c) for c in columns} for row in rows]


def legacy_csv(lines: Iterable[Line], path: Path, **form: Any) -> Path:
    """Legacy CUR as CSV."""
    return write_csv(cur_rows(lines), path, **form)


def cur2_csv(lines: Iterable[Line], path: Path, **form: Any) -> Path:
    """CUR 2.0 as CSV: snake case, product attributes as a JSON map."""
    return write_csv([_cur2(r, json.dumps) for r in cur_rows(lines)], path, **form)


def cur2_parquet(lines: Iterable[Line], path: Path) -> Path:
    """CUR 2.0 as Parquet, with maps."""
    rows = [_cur2(r, lambda m: list(m.items())) for r in cur_rows(lines)]
    fields = []
    for name in rows[0]:
        values = [r[name] for r in rows if r[name] is not None]
        kind = (
            pa.map_(pa.string(), pa.string())
            if name in ("product", "resource_tags")
            else pa.timestamp("ms")
            if values and isinstance(values[0], datetime)
            else pa.float64()
            if values and isinstance(values[0], int | float)
            else pa.string()
        )
        fields.append((name, kind))
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(fields)), path)
    return path


def _cur2(row: dict[str, Any], as_map: Callable[[dict[str, str]], Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("product/ProductName", "product/region"):
            continue
        out[snake(name)] = value
    out["product"] = as_map({"product_name": str(row["product/ProductName"])})
    out["product_region_code"] = row["product/region"]
    out["resource_tags"] = as_map({})
    return out


def snake(name: str) -> str:
    """`lineItem/UsageType` as Athena and CUR 2.0 spell it."""
    out = ""
    for i, letter in enumerate(name.replace("/", "_")):
        out += ("_" if letter.isupper() and i and name[i - 1] != "/" else "") + letter.lower()
    return out


def focus_row(line: Line, version: str) -> dict[str, Any]:
    """FOCUS with AWS columns. A plan's covered usage is billed at 0 there."""
    category = {"Tax": "Tax", "Credit": "Credit", "Refund": "Credit", "SavingsPlanRecurringFee": "Purchase"}
    row: dict[str, Any] = {
        "BilledCost": line.usd,
        "BillingAccountId": ACCOUNT,
        "BillingCurrency": line.currency,
        "BillingPeriodStart": line.bill,
        "ChargeCategory": category.get(line.kind, "Usage"),
        "ChargePeriodStart": line.start,
        "ChargePeriodEnd": line.end,
        "ChargeDescription": line.usage_type,
        "ConsumedQuantity": line.quantity,
        "ConsumedUnit": line.unit,
        "EffectiveCost": line.usd,
        "ProviderName": "AWS",
        "RegionId": line.region,
        "ResourceId": line.resource,
        "ServiceName": line.name or line.product,
        "SubAccountId": line.account,
        "x_ServiceCode": line.product,
        "x_UsageType": line.usage_type,
    }
    if version >= "1.1":
        row["SkuMeter"] = ""
    if version >= "1.2":
        row["InvoiceId"] = ""
        row["BillingAccountType"] = ""
    if version >= "1.3":
        row["ServiceProviderName"] = row.pop("ProviderName")
        row["HostProviderName"] = "AWS"
    return row | line.more


def focus_csv(lines: Iterable[Line], path: Path, version: str = "1.2", **form: Any) -> Path:
    """FOCUS as CSV."""
    return write_csv([focus_row(line, version) for line in lines], path, **form)


def write_csv(
    rows: Sequence[dict[str, Any]],
    path: Path,
    *,
    order: Callable[[list[str]], list[str]] = list,
    without: Sequence[str] = (),
    text: Callable[[str, Any], str] | None = None,
    delimiter: str = ",",
    encoding: str = "utf-8",
    end: str = "\n",
) -> Path:
    """Rows as CSV: columns in another order, some left out, values spelled by `text`."""
    columns = [c for c in order(list(rows[0])) if c not in without]
    spell = text or _spelled
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
        writer.writerow(columns)
        writer.writerows([[spell(c, row[c]) for c in columns] for row in rows])
    return path


def _spelled(_: str, value: Any) -> str:
    return _z(value) if isinstance(value, datetime) else "" if value is None else str(value)


def _z(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def explorer_csv(rows: Sequence[Sequence[Any]], path: Path, encoding: str = "utf-8") -> Path:
    """A console download as it is given."""
    with path.open("w", newline="", encoding=encoding) as stream:
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    return path


def explorer_json(
    periods: Sequence[tuple[str, str, Sequence[tuple[Sequence[str], float, float | None, str]]]],
    path: Path,
    keys: Sequence[str] = ("SERVICE", "USAGE_TYPE"),
) -> Path:
    """An answer of GetCostAndUsage: periods of groups (keys, dollars, quantity, unit)."""
    found = []
    for start, end, groups in periods:
        own = []
        for names, usd, quantity, unit in groups:
            metrics: dict[str, Any] = {"UnblendedCost": {"Amount": str(usd), "Unit": "USD"}}
            if quantity is not None:
                metrics["UsageQuantity"] = {"Amount": str(quantity), "Unit": unit}
            own.append({"Keys": list(names), "Metrics": metrics})
        found.append({"TimePeriod": {"Start": start, "End": end}, "Total": {}, "Groups": own})
    data = {
        "GroupDefinitions": [{"Type": "DIMENSION", "Key": k} for k in keys],
        "ResultsByTime": found,
        "DimensionValueAttributes": [],
    }
    path.write_text(json.dumps(data))
    return path


@dataclass(frozen=True)
class Found:
    """What came of an import and of its baseline."""

    imported: Imported
    answer: dict[str, Any]

    @property
    def report(self) -> Any:
        """The report of the import."""
        return self.imported.report

    @property
    def run_rate(self) -> float:
        """Dollars per month of 730 h."""
        return float(self.answer["baseline"]["run_rate_usd"])

    @property
    def tables(self) -> Any:
        """The tables of the snapshot."""
        return self.imported.snapshot.tables

    def component(self, name: str, what: str = "run_rate_usd") -> float:
        """A figure of one component; 0 where the answer does not list it."""
        return float((self.answer["baseline"]["components"].get(name) or {}).get(what) or 0.0)

    def unexplained(self) -> dict[str, float]:
        """Unexplained dollars by component, those that are not nothing."""
        parts = self.answer["baseline"]["components"]
        found = {c: v["unexplained_usd"] for c, v in parts.items()}
        return {c: round(v, 2) for c, v in found.items() if v and abs(v) > 0.005}

    def says(self, *words: str) -> bool:
        """Whether one sentence of the import has all the words."""
        said = [*self.report.warnings, *self.imported.snapshot.manifest.assumptions]
        return any(all(w.lower() in s.lower() for w in words) for s in said)


def tried(paths: Any, **options: Any) -> Found:
    """Import, then the baseline with the prices of a fixed day."""
    imported = import_bill(paths, **options)
    result = simulate(imported.snapshot, Scenario(name="baseline"), prices(PRICES_AS_OF))
    return Found(imported, answer(result, 1))
