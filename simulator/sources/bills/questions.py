"""The questions an import asks its engine, all at once; answers are waited for where they are needed.

Every line is read four times, each time only the columns of the question: dollars (0.40 s), courses of resources
(0.12), tags (0.02), hours by type (0.13). Both questions about hours in one pass (GROUPING SETS) take as long as two.
Figures here and in `sums`, `repeats` and `engines.duckdb` are seconds of one core for 3 million lines of Parquet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from simulator.aws.usage_types import use_of
from simulator.sources.bills import repeats, sums
from simulator.sources.bills.accounts import with_accounts
from simulator.sources.bills.engines.engine import Engine, Progress, Source, plain
from simulator.sources.bills.lines import fixed, lines, unknown_kinds
from simulator.sources.bills.overlaps import COLUMNS, Origin, Pair, left_out, shared_lines, suspects
from simulator.sources.bills.tables.tags import read_tags
from simulator.sources.bills.whole import Whole
from simulator.sources.bills.window import USAGE_LINES, Span, Window, window_of

INSTANCE_COLUMNS = [
    *("account_id", "region", "resource_id", "usage_type", "line_type", "product"),
    *("metered_rows", "quantity", "first", "last_start", "last", "inside"),
]
FEW_MOMENTS = 24
"""Tags are read where resources were last seen, if those are few moments: 0.02 s instead of 0.53 s."""
FEW_RESOURCES = 200
"""Up to here the hours of resources with several lines an hour are asked for by name."""
Answer = Callable[[], pd.DataFrame]
Told = tuple[Window, list[str], list[str]]
Tags = Mapping[tuple[str, str], dict[str, str]]


@dataclass(frozen=True)
class Answers:
    """What `sums` asks for. Dollars are there; the rest waits until it is called, hours by type last."""

    money: pd.DataFrame
    by_resource: Answer
    by_type: Answer
    plans: Answer
    tags: Callable[[], Tags]
    said: tuple[str, ...] = ()
    window: Told | None = None
    """What `window_of` found, where no line is outside it."""


def ask(
    engine: Engine,
    sources: Sequence[Source],
    frames: Sequence[pd.DataFrame],
    tell: Progress,
    origins: Sequence[Origin] = (),
    stated: Collection[int] = (),
    covered: Mapping[int, Sequence[Span]] | None = None,
) -> Answers:
    """Ask everything of the lines of all sources and of frames read here; a month that two of them bill counts once.

    `stated` and `covered` are what `window_of` needs. Lines that begin outside the window are apart in the dollars
    (column `inside`) and not among the hours.
    """
    table = Whole(engine, sources, frames)
    tell("adding up lines", 0.6)
    found, said = _money(table, origins)
    told, spans = _strayed(found, stated, covered or {})
    found = _apart(table, found, spans)
    whole = table.lines
    tell("adding up hours", 0.75)
    instances = _instances(found)
    metered = instances[instances["line_type"].isin(sums.HOUR_TYPES) & instances["inside"]]
    plans = _plans(engine, whole, found)
    if metered.empty:
        return Answers(
            found, _no_hours, pd.DataFrame, plans, _tags(engine, sources, found), tuple(said), told
        )
    doubtful = not found["good"].all()
    hours = engine.keep(
        sums.hours(
            whole([c for c in sums.HOUR_COLUMNS if c != "good" or doubtful]),
            metered["product"].unique().tolist(),
            mixed=len(metered) < len(instances),
            doubtful=doubtful,
            spans=spans,
        )
    )
    by_resource = _narrow(metered, ["resource_id", "usage_type"], ["account_id", "region"])
    by_type = _narrow(metered, ["usage_type"], ["region"])
    courses = engine.start(sums.hours_by_resource(hours, by_resource))
    tags = _tags(engine, sources, found)
    type_hours = engine.start(sums.hours_by_type(hours, by_type))
    return Answers(
        money=found,
        by_resource=lambda: _exact(engine, hours, _spans(metered).merge(plain(courses()), on=by_resource)),
        by_type=lambda: _completed(_last(engine, type_hours), metered, by_type),
        plans=plans,
        tags=tags,
        said=tuple(said),
        window=told,
    )


def counted_once(
    engine: Engine, sources: Sequence[Source], frames: Sequence[pd.DataFrame], origins: Sequence[Origin]
) -> Whole:
    """The lines of all sources, without what comes twice."""
    table = Whole(engine, sources, frames)
    _money(table, origins)
    return table


def _money(table: Whole, origins: Sequence[Origin]) -> tuple[pd.DataFrame, list[str]]:
    """The sums of dollars, once what comes twice is left out of the table; what is said about it."""
    engine, sources = table.engine, table.sources
    same = {} if table.frames else fixed([s.format for s in sources])
    asked = table.lines(sums.MONEY_COLUMNS)
    found = engine.start(sums.money(asked, same))()
    if found["unsure"].any():
        found = engine.start(sums.money(asked, same, careful=True))()
    table.extra = _repeats(table, found)
    names = [o.name for o in origins] or ["the export"] * len(sources)
    said = repeats.sentences(table.extra, table.identified, names)
    if origins and (pairs := suspects(found)):
        said += _decide(table, pairs, found, origins)
    if table.changed:
        found = engine.start(sums.money(table.lines(sums.MONEY_COLUMNS), same, careful=True))()
    return found, said


def _strayed(
    money: pd.DataFrame, stated: Collection[int], covered: Mapping[int, Sequence[Span]]
) -> tuple[Told | None, tuple[Span, ...]]:
    """The window, or its covered stretches, where a line of usage begins outside them."""
    good = money[money["good"] & ~unknown_kinds(money["line_type"])]
    if not good["last_start"].notna().any():
        return None, ()
    told = window_of(good, stated, covered)
    outside = told[0].outside(good)
    if (outside & good["line_type"].isin(USAGE_LINES)).any():
        return None, told[0].stretches
    return (None if outside.any() else told), ()


def _apart(table: Whole, money: pd.DataFrame, spans: tuple[Span, ...]) -> pd.DataFrame:
    """The sums with lines outside the window apart; asked for again only where there are any."""
    if not spans:
        return money.assign(inside=True)
    same = {} if table.frames else fixed([s.format for s in table.sources])
    asked = table.lines(sums.MONEY_COLUMNS)
    found = table.engine.start(sums.money(asked, same, careful=True, spans=spans))()
    return found.assign(inside=found["inside"].fillna(False).astype(bool))


def _decide(table: Whole, pairs: Sequence[Pair], money: pd.DataFrame, origins: Sequence[Origin]) -> list[str]:
    """Compare sources that bill the same month; sets what of the table is left out."""
    alike = sorted({i for a, b, _ in pairs if origins[a].family == origins[b].family != "" for i in (a, b)})
    months = sorted({m for *_, own in pairs for m in own})
    shared = _pairs(table.engine, [table.own(i, COLUMNS) for i in alike], lambda t: shared_lines(t, months))
    named = [i for i in alike if i in table.identified]
    parts = [table.own(i, [*repeats.SAME_LINE, "source"]) for i in named]
    by_id = _pairs(table.engine, parts, repeats.in_both)
    table.drop, table.without, said = left_out(pairs, shared, money, origins, by_id)
    return said


def _pairs(
    engine: Engine, parts: Sequence[Any], question: Callable[[Any], Any]
) -> dict[tuple[int, int], int]:
    """How many lines two sources have in common, by pair."""
    if len(parts) < 2:
        return {}
    answer = engine.start(question(parts[0].union(*parts[1:])))()
    return {(int(a), int(b)): int(n) for a, b, n in answer.itertuples(index=False, name=None)}


def _repeats(table: Whole, money: pd.DataFrame) -> dict[int, int]:
    """How many lines of each source repeat another; a long one is asked only where its sums are crowded."""
    found = {}
    for number in range(len(table.sources)):
        own = money[money["source"] == number]
        if own["rows"].sum() > repeats.EXACT_ROWS and not repeats.crowded(own):
            continue
        if number in table.identified:
            rows = table.own(number, repeats.SAME_LINE)
            found[number] = int(table.engine.start(repeats.repeated(rows))()["extra"].iloc[0])
        else:
            found[number] = _alike(table, number)
    return found


def _alike(table: Whole, number: int) -> int:
    """The same of a source whose lines have no identity."""
    told = table.engine.start(repeats.alike(table.own(number, repeats.KEYS)))().iloc[0]
    named = "resource_id" in table.sources[number].format.fields
    if (named and told["least"] > 1) or (told["of_resources"] and 2 * told["extra"] >= told["lines"] - 1):
        table.doubled.add(number)
        return int(told["extra"])
    return int(told["of_resources"])


def _last(engine: Engine, answer: Answer) -> pd.DataFrame:
    found = answer()
    engine.release()
    return found


def _instances(money: pd.DataFrame) -> pd.DataFrame:
    """The sums that are instance-hours of SageMaker, told from the few hundred usage types."""
    named = [p for p in money["product"].cat.categories if "SageMaker" in p]
    ours = money.loc[money["product"].isin(named) & money["good"], INSTANCE_COLUMNS]
    types = {
        u: bool(use_of("AmazonSageMaker", "", u, "", "Usage", "").instance_type)
        for u in ours["usage_type"].unique()
    }
    return plain(ours[ours["usage_type"].map(types).astype(bool)])


def _spans(metered: pd.DataFrame) -> pd.DataFrame:
    """Totals and spans of resources, from the sums of dollars."""
    return metered.groupby(list(sums.RESOURCE_KEYS), as_index=False).agg(
        hours=("quantity", "sum"),
        metered_hours=("metered_rows", "sum"),
        first=("first", "min"),
        last=("last_start", "max"),
        last_end=("last", "max"),
        kinds=("line_type", "nunique"),
    )


def _narrow(metered: pd.DataFrame, keys: list[str], following: list[str]) -> list[str]:
    """The columns to group by: without those that follow from the others, which would cost 0.07 s."""
    told = metered[[*keys, *following]].drop_duplicates()
    return [*following, *keys] if told.duplicated(keys).any() else keys


def _completed(answer: pd.DataFrame, metered: pd.DataFrame, asked: list[str]) -> pd.DataFrame:
    """Hours by type with the region, in categories; "" for types that nobody told of: they are no instance-hours."""
    if "region" in asked:
        return answer
    region = metered.drop_duplicates("usage_type").set_index("usage_type")["region"]
    word = answer["usage_type"].cat
    return answer.assign(
        region=pd.Categorical(region.reindex(word.categories, fill_value="")).take(word.codes.to_numpy())
    )


def _no_hours() -> pd.DataFrame:
    texts = pd.DataFrame({k: pd.Series(dtype=object) for k in sums.RESOURCE_KEYS})
    times = pd.DataFrame({k: pd.Series(dtype="datetime64[us]") for k in ("first", "last", "last_end")})
    numbers = ("hours", "metered_hours", "least", "most", "first_hours", "last_hours")
    return pd.concat([texts, times, pd.DataFrame({k: pd.Series(dtype=float) for k in numbers})], axis=1)


def _plans(engine: Engine, whole: Callable[[Sequence[str]], Any], money: pd.DataFrame) -> Answer:
    """Fees of plans, where the bill has any."""
    if money["line_type"].isin(sums.FEE_TYPES).any():
        answer = engine.start(sums.plans(whole(sums.PLAN_COLUMNS)))
        return lambda: plain(answer())
    return pd.DataFrame


def _exact(engine: Engine, hours: Any, found: pd.DataFrame) -> pd.DataFrame:
    """Courses of resources; where several lines share an hour, they are computed again, added up by hour."""
    step = (found["last_end"] - found["last"]).where(lambda s: s > pd.Timedelta(0), pd.Timedelta(hours=1))
    crowded = found["metered_hours"] > (found["last"] - found["first"]) / step + 1.5
    keys = list(sums.RESOURCE_KEYS)
    mixed = (found["kinds"] > 1) | crowded | found.duplicated(keys, keep=False)
    if not mixed.any():
        return found
    names = found.loc[mixed, "resource_id"].unique().tolist()
    exact = engine.start(sums.hours_of_mixed(hours, names if len(names) <= FEW_RESOURCES else None))()
    again = plain(exact).merge(found.loc[mixed, keys].drop_duplicates(), on=keys)
    return pd.concat([found[~mixed], again], ignore_index=True)


def _tags(engine: Engine, sources: Sequence[Source], money: pd.DataFrame) -> Callable[[], Tags]:
    """Tags of resources, read where each was last seen; where that is all over the place, from every line."""
    last = money[money["resource_id"] != ""].groupby("resource_id")["last_start"].max().unique()
    asked = []
    for source in sources if len(last) else ():
        if source.format.tags and "resource_id" in source.format.fields:
            table = lines(source.raw, source.format, sums.TAG_COLUMNS, tags=True)
            if len(last) <= FEW_MOMENTS:
                table = table.filter(table.start.isin([pd.Timestamp(t).to_pydatetime() for t in last]))
            asked.append((engine.start(sums.tags(table, source.format.tags)), source.format.tags))
    return lambda: {
        k: v
        for answer, columns in asked
        for k, v in read_tags(with_accounts(plain(answer())), columns).items()
    }
