"""`budget`: budgets beside the plan, with the month and the chance of breaking; to and from AWS Budgets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from cyclopts import Parameter

from simulator.analysis.aws_budgets import OWNER_TAG, from_aws, from_table, to_aws
from simulator.analysis.budget import Budget, compare_budgets, first_breaks
from simulator.cli.main import deliver
from simulator.cli.options import (
    Months,
    OnAccount,
    Out,
    Seed,
    WithScenario,
    as_json,
    as_record,
    result_of,
    with_age,
)
from simulator.cli.terminal import as_table
from simulator.documents import parse, read_text_file
from simulator.errors import InputError
from simulator.reports.tables import age_line, as_csv
from simulator.words import lines

Format = Annotated[
    Literal["table", "json", "csv", "aws"], Parameter(help="form; `aws` only turns the budgets over")
]


def budget(
    file: Annotated[
        Path, Parameter(help="AWS Budgets JSON, or a CSV: name, usd, month, component, owner, tag")
    ],
    /,
    *,
    account: OnAccount | None = None,
    scenario: WithScenario | None = None,
    months: Months = 12,
    draws: Annotated[int, Parameter(help="draws for the chance of breaking; 0: none")] = 1_000,
    seed: Seed = 0,
    owner_tag: Annotated[str, Parameter(help="the tag that names owners, for --format aws")] = OWNER_TAG,
    format: Format = "table",
    out: Out = None,
) -> str | None:
    """Budgets beside a scenario, month by month: over or left, the first month over, the chance of breaking."""
    budgets = read_budgets(file)
    if format == "aws":
        return deliver(as_json(to_aws(budgets, owner_tag)), out)
    result = result_of(account, scenario)
    table = compare_budgets(result, budgets, months, draws=draws, seed=seed)
    breaks = first_breaks(table)
    if format == "json":
        rows = [as_record(r) for r in table.to_dict("records")]
        return deliver(as_json({"months": rows, "first_month_over": breaks, "prices": age_line(result)}), out)
    if format == "csv":
        return deliver(as_csv(table), out)
    said = [
        f"{n}: {'within the budget in every month' if m is None else f'over from {m[:7]}'}"
        for n, m in breaks.items()
    ]
    return deliver(with_age("\n".join([as_table(table), "", lines(said)]), result), out)


def read_budgets(file: Path) -> list[Budget]:
    """The budgets of a file. Raises InputError in words."""
    text = read_text_file(file)
    if text.lstrip().startswith(("{", "[")):
        return from_aws(parse(text, file.name))
    try:
        from io import StringIO

        return from_table(pd.read_csv(StringIO(text), dtype=str))
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{file.name}: not a CSV that can be read ({error})") from None
