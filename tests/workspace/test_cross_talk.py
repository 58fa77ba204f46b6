"""Five users, thousands of random actions at the same time: nobody ever sees, changes or finds what is another's.

ACTIONS=10000 is the full size (`make crosstalk`); the ordinary run does fewer.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator import Snapshot, load_sample
from simulator.workspace import Conflict, Denied, NotThere, Workspace

ACTIONS = int(os.environ.get("ACTIONS", "250"))
USERS = ("ann", "bob", "cid", "dee", "eve")
MAKES, CHANGES = (
    ("account", "scenario"),
    ("save", "comment", "rename", "delete", "duplicate", "plan", "answer"),
)
LOOKS = ("look", "search", "intrude", "intrude")


@dataclass
class Known:
    """What all users have made, for others to try; ids only, filled by every thread."""

    accounts: dict[str, list[str]] = field(default_factory=lambda: {u: [] for u in USERS})
    scenarios: dict[str, list[str]] = field(default_factory=lambda: {u: [] for u in USERS})


@dataclass
class User:
    """One user with what they must find: every content, name and remark of theirs carries their mark."""

    name: str
    seen: Workspace
    known: Known
    dice: random.Random
    snapshot: Snapshot
    versions: dict[str, int] = field(default_factory=dict)
    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    done: int = 0

    @property
    def mark(self) -> str:
        """In everything this user writes, in nothing anybody else does."""
        return f"<<{self.name}>>"

    def act(self) -> None:
        """One random action, and a look at what comes back."""
        kind = self.dice.choice((*MAKES, *CHANGES, *CHANGES, *LOOKS))
        mine = self.known.scenarios[self.name]
        if not self.known.accounts[self.name] or (
            kind == "account" and len(self.known.accounts[self.name]) < 3
        ):
            row = self.seen.add_account(self.snapshot, self.mark)
            self.seen.rename("account", row.id, f"{self.mark} account")
            self.known.accounts[self.name].append(row.id)
        elif not mine or kind == "scenario":
            self._add()
        elif kind in CHANGES:
            self._change(kind, self.dice.choice(mine))
        elif kind == "intrude":
            self._intrude()
        else:
            self._look(kind)
        self.done += 1

    def _add(self) -> None:
        content = {"by": self.mark, "n": self.dice.random()}
        row = self.seen.add_scenario(
            self.dice.choice(self.known.accounts[self.name]), f"{self.mark} s", content
        )
        self._made(row.id, 1, content)

    def _made(self, scenario_id: str, version: int, content: dict[str, Any]) -> None:
        self.versions[scenario_id], self.contents[scenario_id] = version, content
        self.known.scenarios[self.name].append(scenario_id)

    def _change(self, kind: str, scenario_id: str) -> None:
        if kind == "save":
            content = {"by": self.mark, "n": self.dice.random()}
            row = self.seen.save_scenario(scenario_id, content, self.versions[scenario_id])
            self.versions[scenario_id], self.contents[scenario_id] = row.version, content
        elif kind == "comment":
            self.seen.comment(scenario_id, f"{self.mark} said", "managed_spot")
        elif kind == "rename":
            self.seen.rename("scenario", scenario_id, f"{self.mark} {self.dice.random()}")
        elif kind == "delete":
            self.seen.delete("scenario", scenario_id)
            self.seen.restore("scenario", scenario_id)
        elif kind == "duplicate":
            copy = self.seen.duplicate(scenario_id, f"{self.mark} copy")
            self._made(copy.id, 1, dict(copy.content))
        elif kind == "plan":
            self.seen.keep_plan(
                self.dice.choice(self.known.accounts[self.name]), f"{self.mark} plan", self.mark
            )
        else:
            self.seen.answer(self.dice.choice(self.known.accounts[self.name]), "key", self.mark, assumed=True)

    def _look(self, kind: str) -> None:
        if kind == "search":
            shown = [f.name for f in self.seen.search("")] + [a.name for a in self.seen.accounts()]
        else:
            scenario_id = self.dice.choice(self.known.scenarios[self.name])
            row = self.seen.scenario(scenario_id)
            if (row.version, row.content) != (self.versions[scenario_id], self.contents[scenario_id]):
                self.wrong.append(f"{self.name}: {row.version} {row.content}, not what was saved")
            shown = [str(v.content) + f"<<{v.who}>>" for v in self.seen.history(scenario_id)]
            shown += [c.text for c in self.seen.comments(scenario_id)]
            account = self.dice.choice(self.known.accounts[self.name])
            shown += [p.kept for p in self.seen.plans(account)]
            shown += [str(a.value) for a in self.seen.answers(account).values()]
        self.wrong += [f"{self.name} saw {text}" for text in shown if self.mark not in text]

    def _intrude(self) -> None:
        """Every door, by the id of something of somebody else's: closed, and the same as for what never was."""
        other = self.dice.choice([u for u in USERS if u != self.name])
        scenarios, accounts = list(self.known.scenarios[other]), list(self.known.accounts[other])
        if not scenarios or not accounts:
            return
        s, a = self.dice.choice(scenarios), self.dice.choice(accounts)
        doors: list[Callable[[], Any]] = [
            lambda: self.seen.scenario(s), lambda: self.seen.history(s), lambda: self.seen.comments(s),
            lambda: self.seen.save_scenario(s, {"by": self.mark}, 1), lambda: self.seen.comment(s, self.mark),
            lambda: self.seen.rename("scenario", s, self.mark), lambda: self.seen.delete("scenario", s),
            lambda: self.seen.duplicate(s, self.mark), lambda: self.seen.snapshot(a),
            lambda: self.seen.scenarios(a), lambda: self.seen.plans(a), lambda: self.seen.answers(a),
            lambda: self.seen.add_scenario(a, self.mark, {}), lambda: self.seen.keep_plan(a, self.mark, ""),
            lambda: self.seen.grant(self.name, a, "admin"), lambda: self.seen.grants(a),
            lambda: self.seen.erase(a), lambda: self.seen.archive("account", a),
            lambda: self.seen.add_account(self.snapshot, self.mark, a), lambda: self.seen.last_version(s),
        ]  # fmt: skip
        try:
            self.dice.choice(doors)()
        except NotThere:
            return
        self.wrong.append(f"{self.name} came through a door of {other}'s")


def test_nobody_sees_or_changes_what_is_anothers_in_thousands_of_random_actions(
    opened: Callable[..., Workspace],
) -> None:
    known, snapshot = Known(), load_sample("report")
    users = [User(name, opened(name), known, random.Random(f"{name} 20261128"), snapshot) for name in USERS]
    failed: list[BaseException] = []

    def work(user: User) -> None:
        try:
            for _ in range(ACTIONS // len(USERS)):
                user.act()
        except (Denied, Conflict, ValueError, OSError) as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(user,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [w for user in users for w in user.wrong] == []
    assert sum(user.done for user in users) == ACTIONS // len(USERS) * len(USERS)
    for user in users:  # what each saved last is what is there
        for scenario_id, content in user.contents.items():
            assert user.seen.scenario(scenario_id).content == content
