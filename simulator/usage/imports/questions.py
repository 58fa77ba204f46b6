"""The questions an import asks its engine, all at once; answers are waited for where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from simulator.usage.imports import sums
from simulator.usage.imports.engines import Engine, Progress, Source, plain
from simulator.usage.imports.lines import fixed, lines
from simulator.usage.imports.tags import read_tags
from simulator.usage.imports.usage_types import use_of

FEW_MOMENTS = 24
FEW_RESOURCES = 200
Answer = Callable[[], pd.DataFrame]
Tags = Mapping[tuple[str, str], dict[str, str]]


@dataclass(frozen=True)
class Answers:
    """What `sums` asks for. Dollars are there; the rest waits until it is called, hours by type last."""

    money: pd.DataFrame
    by_resource: Answer
    by_type: Answer
    plans: Answer
    tags: Callable[[], Tags]


def ask(engine: Engine, sources: Sequence[Source], frames: Sequence[pd.DataFrame], tell: Progress) -> Answers:
    """Ask everything of the lines of all sources and of frames read here."""

    def whole(columns: Sequence[str]) -> Any:
        parts = [lines(s.raw, s.format, columns) for s in sources]
        table = parts[0].union(*parts[1:]) if len(parts) > 1 else parts[0] if parts else None
        return engine.with_frames(table, [f[list(columns)] for f in frames])

    tell("adding up lines", 0.6)
    money = engine.start(
        sums.money(whole(sums.MONEY_COLUMNS), {} if frames else fixed([s.format for s in sources]))
    )
    found = money()
    tell("adding up hours", 0.75)
    metered = _instances(found)
    tags = _tags(engine, sources, found)
    plans = _plans(engine, whole, found)
    if metered.empty:
        return Answers(found, _no_hours, pd.DataFrame, plans, tags)
    all_good = not found["bad"].any()
    columns = [c for c in sums.HOUR_COLUMNS if c != "bad" or not all_good]
    hours = engine.keep(sums.hours(whole(columns), metered["product"].unique().tolist(), all_good=all_good))
    by_resource = _narrow(metered, ["resource_id", "usage_type"], ["account_id", "region"])
    by_type = _narrow(metered, ["usage_type"], ["region"])
    resource_hours = engine.start(sums.hours_by_resource(hours, by_resource.asked))
    type_hours = engine.start(sums.hours_by_type(hours, by_type.asked))
    return Answers(
        money=found,
        by_resource=lambda: _exact(engine, hours, by_resource.completed(plain(resource_hours()))),
        by_type=lambda: by_type.completed(_last(engine, type_hours)),
        plans=plans,
        tags=tags,
    )


def _last(engine: Engine, answer: Answer) -> pd.DataFrame:
    found = answer()
    engine.release()
    return found


def _instances(money: pd.DataFrame) -> pd.DataFrame:
    """The sums that are instance-hours of SageMaker, told from the few hundred usage types."""
    ours = money[
        money["product"].str.contains("SageMaker", regex=False) & money["line_type"].isin(sums.HOUR_TYPES)
    ]
    types = {
        u: bool(use_of("AmazonSageMaker", "", u, "", "Usage", "").instance_type)
        for u in ours["usage_type"].unique()
    }
    return plain(ours[ours["usage_type"].map(types).astype(bool)])


@dataclass(frozen=True)
class Keys:
    """Columns to group by, and those that follow from them: to group by these too would only cost."""

    asked: list[str]
    told: pd.DataFrame

    def completed(self, answer: pd.DataFrame) -> pd.DataFrame:
        """The answer with the columns that follow. Keys that were not asked for (no instance-hours) are left out."""
        following = [c for c in self.told if c not in self.asked]
        if len(self.asked) > 1 or not following:
            return answer.merge(self.told, on=self.asked, how="inner") if following else answer
        told = self.told.set_index(self.asked[0])
        answer = answer[answer[self.asked[0]].isin(told.index)]
        word = answer[self.asked[0]].cat
        known = told.reindex(word.categories)
        return answer.assign(
            **{str(c): pd.Categorical(known[c]).take(word.codes.to_numpy()) for c in following}
        )


def _narrow(metered: pd.DataFrame, keys: list[str], following: list[str]) -> Keys:
    told = metered[[*keys, *following]].drop_duplicates()
    if told.duplicated(keys).any():
        return Keys([*following, *keys], told[[*keys, *following]])
    return Keys(keys, told)


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
    mixed = found.groupby(keys)["hours"].transform("size").gt(1) | crowded
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
    return lambda: {k: v for answer, columns in asked for k, v in read_tags(plain(answer()), columns).items()}
