"""One page per lever, from its declaration, made while the docs site is built and kept nowhere: none is stale.

A hook of mkdocs (`hooks` in mkdocs.yml): the pages join the site's files and its navigation, by stage.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import fields
from functools import cache
from itertools import groupby
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from scripts.docs_levers import STAGES, cell, end, linked
from simulator import Account, load_sample
from simulator.analysis.break_evens import MEASURES
from simulator.levers import all_levers
from simulator.levers.lever import APPLIES, NOT_APPLICABLE, UNKNOWN, Lever
from simulator.params import Param
from simulator.reports.actions import makers
from simulator.snapshot.schema import TABLES
from simulator.usage.table import facts_of
from simulator.usage.tables import Usage

STORED = {"training": "training_jobs"}
"""Usage tables whose table in the snapshot has another name."""
WORDS = {
    APPLIES: "It acts where",
    UNKNOWN: "It needs a fact, and saves nothing until it is known, where",
    NOT_APPLICABLE: "It is not applicable where",
}
PARAMETERS = "| parameter | meaning | unit | low | default | high | may be | grade | source |"
Part = tuple[str, list[str]]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages to the site, and to the navigation under the list of all levers."""
    for lever_id in all_levers():
        files.append(File.generated(config, f"levers/{lever_id}.md", content=page(lever_id)))
    listed: Any = {"Levers": ["levers.md", *_by_stage()]}
    config.nav = [listed if "Levers" in entry else entry for entry in config.nav or ()]
    return files


def on_page_markdown(markdown: str, page: Any, config: MkDocsConfig, files: Files) -> str:
    """In the list of all levers each heading leads to its page."""
    if page.file.src_uri != "levers.md":
        return markdown
    return re.sub(r"(?m)^## (.+) \(`(\w+)`\)$", r"## [\1](levers/\2.md) (`\2`)", markdown)


def page(lever_id: str) -> str:
    """The page of one lever."""
    kind = all_levers()[lever_id]
    told = inspect.cleandoc(kind.__doc__ or "").partition("Source:")[0].strip()
    parts: list[Part] = [
        ("Rule", [f"{kind.source}."]),
        ("Parameters", _parameters(kind)),
        ("Verdicts", _verdicts(kind)),
        ("Break-even", [_break_even(kind)]),
        ("What it needs from the snapshot", _needs(kind)),
        ("Other levers", _others(kind)),
        ("Effort and confidence", _effort(kind)),
        ("What puts it into practice", [_action(kind)]),
    ]
    text = [f"# {kind.title} (`{kind.id}`)", told]
    for title, lines in parts:
        text += [f"## {title}", "\n".join(lines).strip()]
    return linked("\n\n".join(text), "../rules.md") + "\n"


def _by_stage() -> list[dict[str, list[dict[str, str]]]]:
    return [
        {f"{number}. {STAGES[number]}": [{kind.title: f"levers/{kind.id}.md"} for kind in kinds]}
        for number, kinds in groupby(all_levers().values(), key=lambda kind: kind.stage)
    ]


def _parameters(kind: type[Lever]) -> list[str]:
    if not kind.params():
        return ["None."]
    return [PARAMETERS, "|---" * 9 + "|", *(_parameter(p) for p in kind.params().values())]


def _parameter(p: Param) -> str:
    allowed = ", ".join(map(str, p.choices)) or f"{p.minimum:g} to {p.maximum:g}"
    meaning = f"{p.label}. {p.help}" if p.help else p.label
    cells = (
        f"`{p.name}`", meaning, p.unit, end(p.low), p.default, end(p.high), allowed, p.grade, p.source,
    )  # fmt: skip
    return "| " + " | ".join(cell(str(c)) for c in cells) + " |"


def _verdicts(kind: type[Lever]) -> list[str]:
    found = kind().verdicts(_usage())
    said = list(zip(found.states, found.sentences, strict=True))
    lines = []
    for state, words in WORDS.items():
        sentences = dict.fromkeys(s for at, s in said if at == state)
        if sentences:
            lines += [f"{words} its sentence is one of:", "", *(f"- {s}" for s in sentences), ""]
    return lines


def _break_even(kind: type[Lever]) -> str:
    measure = MEASURES.get(kind.id)
    if measure is None:
        return (
            "It has no closed form. Where the lever costs more, the first parameter that would make it save is named "
            "with the value from which it does."
        )
    return (
        f"In {measure.unit} ({measure.label}): it pays {measure.side} the break-even, which follows from the "
        "account's prices and is told for the resource that costs most, beside what that resource has."
    )


def _needs(kind: type[Lever]) -> list[str]:
    if not kind.table:
        return ["Nothing of its own: it covers the hours that are left, priced."]
    stored = STORED.get(kind.table, kind.table)
    columns = ", ".join(f"`{c}`" for c in _columns(kind, stored))
    lines = [f"It acts on rows of [`{stored}`](../snapshot.md#{stored})."]
    if columns:
        lines.append(f"Beside what is worked out from several columns, its verdicts look at {columns}.")
    return lines


def _columns(kind: type[Lever], stored: str) -> list[str]:
    """The columns of the snapshot behind what the verdicts read, in the order of the schema."""
    usage = _usage()
    table, read = usage.table(kind.table), set[str]()
    own: Any = type(table)

    class Seen(own):  # type: ignore[misc]
        """The table, noting which of its columns are asked for."""

        def __getattribute__(self, name: str) -> Any:
            read.add(name)
            return super().__getattribute__(name)

    seen = object.__new__(Seen)
    seen.__dict__.update(vars(table))
    kind().verdicts(usage.with_tables(**{kind.table: seen}))
    read |= {source for f in fields(own) if f.name in read for source in f.metadata.get("from", ())}
    names = read | {name for column, _, name, _ in facts_of(own) if column in read}
    return [c.name for c in TABLES[stored].columns if c.name in names]


def _others(kind: type[Lever]) -> list[str]:
    lines = [f"It is applied in stage {kind.stage} ({STAGES[kind.stage]}), on what earlier stages leave."]
    if kind.mode:
        lines.append("It is a serving mode: of several that are on, one acts per endpoint.")
    if kind.excludes:
        lines.append(f"Not on the same resource as {', '.join(f'[`{x}`]({x}.md)' for x in kind.excludes)}.")
    return lines


def _effort(kind: type[Lever]) -> list[str]:
    undo = "reversible" if kind.reversible else "not reversible"
    lines = [f"{kind.effort_hours:g} hours of engineering, in phase {kind.phase} of the roadmap; {undo}."]
    if kind.ramp_months:
        lines.append(f"Its full effect takes {kind.ramp_months} months.")
    if kind.dual_running_days:
        lines.append(f"Old and new are both paid for during {kind.dual_running_days:g} days.")
    missing = [e.missing for e in kind().evidence(_usage())] if kind.table else []
    if missing:
        lines += ["", "What keeps confidence below high:", "", *(f"- {m}" for m in missing)]
    return lines


def _action(kind: type[Lever]) -> str:
    if not kind.table:
        return "The request for the purchase, after the recommendation of AWS has been read."
    own = kind.action if kind.action is not Lever.action else makers()[kind.id]
    return f"{inspect.getdoc(own)} In `actions.zip`, with how to undo it."


@cache
def _usage() -> Usage:
    """Some usage: which facts a lever asks for does not depend on the account."""
    return Account.open(load_sample("team")).usage
