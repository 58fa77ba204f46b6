"""What AWS charged, from Cost Explorer: one line per service × usage type × month, tax and credits apart.

Every request and every further page costs $0.01 (rules.md): three requests as a rule, four where Savings Plans are
billed, never more than `max_cost_requests`, kept for 24 hours. Bedrock's third-party models bill as services of their
own whose names contain "Bedrock": the names are asked for first. `End` is exclusive. Dollars over quantity of each
usage type become the account's own rates (`rates.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from simulator import words
from simulator.sources.collect.client.failures import Failure, SourceFailed
from simulator.sources.collect.client.reader import Paging, Place, Reader
from simulator.sources.collect.rows import Tables
from simulator.sources.collect.services.bedrock_bill import BedrockBill
from simulator.sources.collect.services.rates import Line, billed_rates, region_of

PLANNED_REQUESTS = 4
WANTED = (
    "sagemaker",
    "bedrock",
    "simple storage service",
    "machine learning savings",
    "savings plans for aws machine",
)
FALLBACK = ("Amazon SageMaker", "Amazon Bedrock", "Amazon Simple Storage Service")
NOT_USAGE = (
    "Tax", "Credit", "Refund", "Discount", "BundledDiscount", "Enterprise Discount Program Discount",
    "Private Rate Card Discount", "Distributor Discount", "Solution Provider Program Discount",
)  # fmt: skip
RATED: dict[str, Any] = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage", "SavingsPlanCoveredUsage"]}}
"""Usage at its on-demand price: without what a Savings Plan takes off again in lines of their own."""
PAGING = Paging(("NextPageToken",), ("NextPageToken",))
Row = dict[str, Any]


class Bills:
    """Reads the bill of one account for the days of the window in the regions that are read."""

    def __init__(self, reader: Reader, tables: Tables, regions: tuple[str, ...]) -> None:
        self.reader, self.tables, self.regions = reader, tables, regions
        self.place: Place = reader.place
        self.requests = 0
        self.bedrock = BedrockBill()
        self.rates: list[Row] = []

    def read(self) -> int:
        """Write the lines; gives their number. More pages than allowed leave the bill unknown, not half."""
        services = self._services()
        wanted: Row = {"Dimensions": {"Key": "SERVICE", "Values": services}}
        apart: Row = {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(NOT_USAGE)}}
        usage = list(self._lines({"And": [wanted, {"Not": apart}]}, "USAGE_TYPE"))
        other = list(self._lines({"And": [wanted, apart]}, "RECORD_TYPE"))
        for service, usage_type, _, _, usd, quantity, unit in usage:
            self.bedrock.add(service, usage_type, usd, quantity, unit)
        rated = (
            list(self._lines({"And": [wanted, RATED]}, "USAGE_TYPE")) if self._has_plans(services) else usage
        )
        self.rates = billed_rates(rated, other)
        rows = [self._usage_row(*line) for line in usage]
        kept = [r for r in rows if r["region"] in ("", *self.regions)]
        self._say_left_out([r for r in rows if r["region"] not in ("", *self.regions)])
        kept += [self._other_row(*line) for line in other if line[4] != 0]
        if self.place.start.hour or self.place.end.hour:
            self.reader.say(
                "the bill covers whole UTC days, the usage the 24-hour days up to the last full hour."
            )
        ours = ({**self._account, **r} for r in self.rates if r["region"] in self.regions)
        self.tables.write("billed_rates", ours)
        return self.tables.write("billed", kept)

    def _has_plans(self, services: list[str]) -> bool:
        """Whether Savings Plans are billed: then covered usage nets to nothing, and is asked for on its own."""
        return any("savings" in name.lower() for name in services)

    @property
    def _account(self) -> Row:
        return {"account_id": self.place.account.account_id}

    @property
    def _period(self) -> dict[str, str]:
        return {"Start": self.place.start.date().isoformat(), "End": self.place.end.date().isoformat()}

    def _services(self) -> list[str]:
        """Names of the services on the bill that belong to machine learning, in the spelling of the bill."""
        try:
            names = [
                value["Value"]
                for page in self._pages(
                    "GetDimensionValues", "DimensionValues", Dimension="SERVICE", Context="COST_AND_USAGE"
                )
                for value in page["DimensionValues"]
            ]
        except SourceFailed as error:
            if error.failure.status != "unsupported":
                raise
            self.reader.troubles.failures.append(error.failure)
            self.reader.say(
                f"only {', '.join(FALLBACK)} were asked for: which services are billed is unknown."
            )
            names = list(FALLBACK)
        return [n for n in names if any(w in n.lower() for w in WANTED)] or list(FALLBACK)

    def _lines(self, wanted: Row, by: str) -> Iterator[Line]:
        """(service, key, start, end, cost USD, quantity, unit) of every group of every period."""
        groups = [{"Type": "DIMENSION", "Key": k} for k in ("SERVICE", by)]
        pages = self._pages(
            "GetCostAndUsage", "ResultsByTime", Granularity="MONTHLY", Filter=wanted, GroupBy=groups,
            Metrics=["UnblendedCost", "UsageQuantity"],
        )  # fmt: skip
        for page in pages:
            for result in page["ResultsByTime"]:
                start, end = (_midnight(result["TimePeriod"][k]) for k in ("Start", "End"))
                for group in result.get("Groups", ()):
                    service, key = group["Keys"]
                    cost = group["Metrics"]["UnblendedCost"]
                    if cost.get("Unit", "USD") != "USD":
                        raise SourceFailed(
                            Failure("unsupported", f"the bill is in {cost['Unit']}; expected USD")
                        )
                    quantity = group["Metrics"].get("UsageQuantity", {})
                    amount = float(quantity["Amount"]) if quantity.get("Amount") is not None else None
                    yield service, key, start, end, float(cost["Amount"]), amount, quantity.get("Unit") or ""

    def _pages(self, operation: str, needs: str, **parameters: Any) -> Iterator[Row]:
        limit = self.place.options.max_cost_requests
        pages = self.reader.pages("ce", operation, needs, PAGING, TimePeriod=self._period, **parameters)
        while True:
            if self.requests >= limit:
                raise SourceFailed(
                    Failure(
                        "throttled", f"the bill needs more than the {limit} Cost Explorer requests allowed"
                    )
                )
            page = next(pages, None)
            if page is None:
                return
            self.requests += 1
            yield page
            if not page.get("NextPageToken"):
                return

    def _usage_row(
        self,
        service: str,
        usage_type: str,
        start: datetime,
        end: datetime,
        usd: float,
        amount: float | None,
        unit: str,
    ) -> Row:
        return {
            **self._line(service, start, end, usd),
            "usage_type": usage_type,
            "region": region_of(usage_type),
            "usage_quantity": amount,
            "usage_unit": "" if unit == "N/A" else unit,
        }

    def _other_row(
        self,
        service: str,
        record_type: str,
        start: datetime,
        end: datetime,
        usd: float,
        _a: float | None,
        _u: str,
    ) -> Row:
        return {**self._line(service, start, end, usd), "line_type": record_type}

    def _line(self, service: str, start: datetime, end: datetime, usd: float) -> Row:
        line = {"service": service, "period_start": start, "period_end": end, "cost_usd": usd}
        return {**self._account, **line}

    def _say_left_out(self, rows: list[Row]) -> None:
        if rows:
            usd = sum(r["cost_usd"] for r in rows)
            regions = sorted({r["region"] for r in rows})
            self.reader.say(
                f"{words.usd(usd)} was billed in regions that were not read ({', '.join(regions)})."
            )


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day[:10]}T00:00:00+00:00")
