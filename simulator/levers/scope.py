"""The scope of a lever: the resources it may touch, named by owner, by tag, or one by one. None stated: all of them.

A resource is in scope when its owner, one of its tags or its own name is. What is outside is to the lever as if it
were kept (`Table.kept`), and to this lever only: the rule is here, once, and no lever knows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from simulator.levers.lever import NOT_APPLICABLE, Lever, Verdicts
from simulator.usage.tables import Table, Usage
from simulator.usage.tags import tags_of

Mask = NDArray[np.bool_]
KINDS = {"owner": "owners", "tag": "tags", "resource": "resources"}
MOST_NAMES = 500


@dataclass(frozen=True)
class Scope:
    """Owners, tags ("key=value") and names of resources; with none of them no resource is in scope."""

    owners: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()

    @classmethod
    def of(cls, names: Iterable[str]) -> Self:
        """The scope of texts such as `owner:nlp`, `tag:team=search`, `resource:ranker`. Raises ValueError in words."""
        found: dict[str, set[str]] = {field: set() for field in KINDS.values()}
        for text in names:
            kind, colon, name = text.partition(":")
            if not colon or kind not in KINDS or not name:
                raise ValueError(f"{text!r}: expected owner:NAME, tag:KEY=VALUE or resource:NAME")
            if kind == "tag" and not (name.partition("=")[0] and "=" in name):
                raise ValueError(f"{text!r}: a tag is KEY=VALUE")
            found[KINDS[kind]].add(name)
        if sum(map(len, found.values())) > MOST_NAMES:
            raise ValueError(f"a scope names at most {MOST_NAMES} owners, tags and resources")
        return cls(**{field: frozenset(names) for field, names in found.items()})

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """A checked scope of its JSON form. Raises ValueError in words."""
        for key, names in data.items():
            if key not in KINDS.values():
                raise ValueError(f"unknown key {key!r}; expected {', '.join(KINDS.values())}")
            if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
                raise ValueError(f"{key}: expected a list of names, not {names!r}")
        return cls.of(f"{kind}:{name}" for kind, field in KINDS.items() for name in data.get(field, ()))

    def to_dict(self) -> dict[str, list[str]]:
        """JSON-ready form; what names nothing is left out."""
        return {field: sorted(getattr(self, field)) for field in KINDS.values() if getattr(self, field)}

    def names(self) -> list[str]:
        """The texts that `of` reads."""
        return [f"{kind}:{name}" for kind, field in KINDS.items() for name in sorted(getattr(self, field))]

    def sentence(self) -> str:
        """In words: "owner nlp; tag team=search"."""
        return "; ".join(text.replace(":", " ", 1) for text in self.names()) or "no resource"

    def mask(self, table: Table) -> Mask:
        """The resources in scope. A variant is named by its endpoint too, a model's usage by the model."""
        found = np.isin(table.owner.astype(str), list(self.owners))
        if self.resources:
            ids = [str(i) for i in table.resource_id]
            found |= np.array([not self.resources.isdisjoint(_called(i)) for i in ids], bool)
        if self.tags:
            found |= np.array([not self.tags.isdisjoint(tags_of(str(t))) for t in table.tags], bool)
        return found


def _called(resource_id: str) -> tuple[str, ...]:
    return resource_id, resource_id.partition("/")[0], resource_id.partition(" ")[0]


def limited(lever: Lever, scope: Scope) -> Lever:
    """The lever as it acts within its scope only. Raises ValueError for one that acts on no resource of its own."""
    if not lever.table:
        raise ValueError(
            f"{lever.id} acts on the hours that every other lever leaves, not on resources: no scope"
        )
    kind: Any = lever.of if isinstance(lever, _Limited) else type(lever)
    made: Lever = _limited(kind, scope)(**_stated(lever))
    return made


def _stated(lever: Lever) -> dict[str, Any]:
    return {f.name: getattr(lever, f.name) for f in fields(lever)}


@cache
def _limited(kind: Any, scope: Scope) -> Any:
    return type(kind.__name__, (_Limited, kind), {"scope": scope, "of": kind, "__doc__": kind.__doc__})


class _Limited(Lever):
    """What a scope adds to the class of a lever, which comes after it."""

    scope: ClassVar[Scope]
    of: ClassVar[type[Lever]]

    def verdicts(self, usage: Usage) -> Verdicts:
        """Those of the lever within its scope; outside it is not applicable."""
        found = super().verdicts(self._marked(usage))
        outside = ~self.scope.mask(usage.table(self.table)) & ~usage.table(self.table).kept
        return Verdicts(
            np.where(outside, NOT_APPLICABLE, found.state).astype(np.int8),
            np.where(outside, len(found.sentences), found.reason).astype(np.int8),
            (*found.sentences, f"The lever is limited to: {self.scope.sentence()}."),
            (*found.states, NOT_APPLICABLE),
        )

    def apply(self, usage: Usage) -> Usage:
        """What the lever leaves where it finds the rest kept."""
        return self._unmarked(usage, super().apply(self._marked(usage)))

    def alternative(self, usage: Usage) -> Usage | None:
        """The same of its other way."""
        after = super().alternative(self._marked(usage))
        return None if after is None else self._unmarked(usage, after)

    def _marked(self, usage: Usage) -> Usage:
        table = usage.table(self.table)
        kept = table.kept | ~self.scope.mask(table)
        return usage.with_tables(**{self.table: table.changed(kept=kept)})

    def _unmarked(self, usage: Usage, after: Usage) -> Usage:
        kept = usage.table(self.table).kept
        return after.with_tables(**{self.table: after.table(self.table).changed(kept=kept)})

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is sent to a worker: the lever, and its scope."""
        return limited, (self.of(**_stated(self)), self.scope)
