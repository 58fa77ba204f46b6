"""A run may be ended by the next touch between any two values of the session: no part of a change may stay behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from simulator import load_sample
from simulator.analysis import seeking
from simulator.jobs import JobError
from simulator.ui import draft, heavy, identity, keeper
from simulator.ui.view import View
from simulator.workspace import Workspace, open_workspace

BOB = "bob@example.com"
LATER = 1_000


class Touch:
    """Ends a run at its n-th look at the session."""

    def __init__(self) -> None:
        self.at, self.looks = LATER, 0

    def look(self, runner: ScriptRunner) -> None:
        if runner._execing:
            self.looks += 1
            if self.looks == self.at:
                raise StopException


@pytest.fixture
def touch(monkeypatch: pytest.MonkeyPatch) -> Touch:
    made = Touch()

    def look(runner: ScriptRunner) -> None:
        made.look(runner)

    monkeypatch.setattr(ScriptRunner, "_maybe_handle_execution_control_request", look)
    return made


@pytest.fixture
def ann(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The workspace as Ann sees it; whoever comes to the page is named by WHO."""
    monkeypatch.setenv("ML_SPEND_DATABASE", f"sqlite:///{tmp_path / 'workspace.db'}")
    monkeypatch.setenv("ML_SPEND_SNAPSHOTS", str(tmp_path / "snapshots"))
    monkeypatch.setenv("WHO", BOB)
    monkeypatch.setattr(identity, "who", lambda: os.environ["WHO"])
    monkeypatch.setattr(identity, "is_required", lambda: True)
    st.cache_resource.clear()
    shared = open_workspace()
    yield shared.seen_by("ann@example.com")
    shared.database.close()
    st.cache_resource.clear()


def _beginning() -> None:
    from simulator.ui import keeper, session, visit

    keeper.begin()
    visit.turn_to("overview")
    if not session.missing():
        session.view()


def begun(app: AppTest, touch: Touch, at: int = LATER) -> int:
    """One run; at how many places it could have been ended."""
    touch.at, touch.looks = at, 0
    app.run(timeout=20)
    assert not app.exception, [e.message for e in app.exception]
    return touch.looks


def visiting(query: dict[str, str]) -> AppTest:
    app = AppTest.from_function(_beginning)
    for name, value in query.items():
        app.query_params[name] = value
    return app


def ended_anywhere(touch: Touch, make: Callable[[], AppTest]) -> Iterator[AppTest]:
    """For every place: a run that was ended there, one that was ended after it began, and one that was not."""
    at = 0
    while True:
        at += 1
        app = make()
        places = begun(app, touch, at)
        begun(app, touch, places + 12)
        begun(app, touch)
        yield app
        if places < at:
            return


@pytest.mark.parametrize("query", [{"sample": "report"}, {"account": "abcdefabcdef"}])
def test_a_first_run_that_was_ended_is_begun_anew(
    ann: Workspace, touch: Touch, query: dict[str, str]
) -> None:
    seen = [app.session_state["address"] for app in ended_anywhere(touch, lambda: visiting(query))]
    assert seen == [query] * len(seen)


@pytest.mark.parametrize("sample", [False, True])
def test_an_account_that_was_closed_is_put_away_whole(ann: Workspace, touch: Touch, sample: bool) -> None:
    account = ann.add_account(load_sample("report"), "page")
    row = ann.add_scenario(account.id, "Ours", {}, bill_usd=1.0, saving_usd=0.0)

    def make() -> AppTest:
        ann.grant(BOB, account.id, "planner")
        app = visiting({"sample": "report"} if sample else {"scenario": row.id})
        begun(app, touch)
        if sample:
            app.session_state["desk"].account_id = account.id  # as the workspace page notes it
        ann.grant(BOB, account.id, None)
        return app

    for app in ended_anywhere(touch, make):
        assert app.session_state["desk"].account_id is None
        assert "account" not in app.session_state
        assert app.session_state["sample"] == "team"
        assert "you may no longer see that account" in app.toast[0].value


def test_what_a_link_opens_is_opened_whole(ann: Workspace, touch: Touch) -> None:
    account = ann.add_account(load_sample("report"), "page")
    row = ann.add_scenario(account.id, "Ours", {}, bill_usd=1.0, saving_usd=0.0)
    ann.grant(BOB, account.id, "planner")
    for app in ended_anywhere(touch, lambda: visiting({"scenario": row.id})):
        assert app.session_state["desk"].account_id == account.id
        assert app.session_state[keeper.OPEN].scenario_id == row.id


def test_the_next_person_finds_nothing_of_the_one_before(
    ann: Workspace, touch: Touch, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = ann.add_account(load_sample("report"), "page")
    ann.grant(BOB, account.id, "planner")

    def make() -> AppTest:
        monkeypatch.setenv("WHO", BOB)
        app = visiting({"account": account.fingerprint[:12]})
        begun(app, touch)
        app.query_params.clear()
        monkeypatch.setenv("WHO", "eve@example.com")
        return app

    for app in ended_anywhere(touch, make):
        assert "account" not in app.session_state
        assert app.session_state[keeper.PERSON] == "eve@example.com"


class Over:
    """Work that has come to its end (`test_heavy` has workers do it)."""

    is_over = True

    def __init__(self, answer: float | JobError) -> None:
        self.answer = answer

    def start(self, *_: object) -> Over:
        return self

    def result(self, seconds: float) -> float:
        if isinstance(self.answer, JobError):
            raise self.answer
        return self.answer

    def cancel(self) -> None: ...


def _loading() -> None:
    import streamlit as st

    from simulator.ui import heavy

    def take(answer: float) -> None:
        st.session_state["first"] = answer
        st.session_state["second"] = answer

    if not heavy.is_running("x") and "refused" not in st.session_state and "first" not in st.session_state:
        heavy.begin("x", "Working", abs)
    if heavy.is_running("x"):
        heavy.waited("x", take, "refused")


@pytest.mark.parametrize(
    ("answer", "taken"),
    [(3.0, (3.0, 3.0, None)), (JobError("it was cancelled"), (None, None, "it was cancelled"))],
)
def test_what_a_worker_made_is_taken_whole_or_left_to_the_next_run(
    touch: Touch, monkeypatch: pytest.MonkeyPatch, answer: float | JobError, taken: tuple[object, ...]
) -> None:
    monkeypatch.setattr(heavy, "jobs", lambda: Over(answer))
    for app in ended_anywhere(touch, lambda: AppTest.from_function(_loading)):
        assert tuple(app.session_state.get(n) for n in ("first", "second", "refused")) == taken


def _choosing() -> None:
    import streamlit as st

    from simulator.ui import visit
    from simulator.ui.board import controls

    if "preset" not in st.session_state:
        visit.begin()
    elif st.session_state["preset"] == "goal":
        controls._reach_goal()
    else:
        controls._load_preset()


@pytest.mark.parametrize("chosen", ["no_regret", "goal"])
def test_what_was_worked_out_for_a_choice_is_in_hand(
    touch: Touch, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    """Nobody chooses twice: the board itself looks again while the choice is worked out."""
    begun_for: list[str] = []
    answers: list[Any] = []

    def once(work: Callable[..., Any]) -> Callable[..., Any]:
        def answered(*asked: Any, **more: Any) -> Any:
            begun_for.append(chosen)
            answers[:] = answers or [work(*asked, **more)]
            return answers[0]

        return answered

    monkeypatch.setattr(View, "preset", once(View.preset))
    monkeypatch.setattr(seeking, "seek", once(seeking.seek))
    for at in range(1, LATER):
        app = AppTest.from_function(_choosing)
        app.query_params["sample"] = "report"
        begun(app, touch)
        app.session_state["preset"], app.session_state["goal_percent"] = chosen, 10
        begun_for.clear()
        looks = begun(app, touch, at)
        assert bool(begun_for) == bool(app.session_state[draft.DRAFT].levers), at
        if looks < at:
            break
    assert begun_for


def _chosen() -> None:
    import streamlit as st

    def take() -> None:
        st.session_state["seen"] = st.session_state.get("seen", 0) + 1
        st.session_state["taken"] = st.session_state["choice"]

    st.selectbox("Choice", ["one", "other"], key="choice", on_change=take)


def test_a_choice_is_taken_wherever_its_run_is_ended(touch: Touch) -> None:
    """The board looks again by itself: a run that is ended in its callback would have lost the choice.

    The first look is before the callbacks: the next run is sent the choice again.
    """
    at, looks = 1, 2
    while looks > at:
        at += 1
        app = AppTest.from_function(_chosen)
        begun(app, touch)
        app.selectbox(key="choice").set_value("other")
        looks = begun(app, touch, at)
        assert (app.session_state["taken"], app.session_state["seen"]) == ("other", 1), at


def touched(buttons: int) -> tuple[SessionState, WidgetStates]:
    """A session with buttons, and what the browser sends when all are pressed."""
    state, sent = SessionState(), WidgetStates()
    for n in range(buttons):
        sent.widgets.add(id=f"w{n}", trigger_value=True)
        state._set_widget_metadata(
            WidgetMetadata(f"w{n}", deserializer=bool, serializer=bool, value_type="trigger_value")
        )
    return state, sent


def test_a_run_that_ends_and_the_next_one_do_not_change_the_session_at_once() -> None:
    """Without one lock for both, this failed within 0.2 s."""
    state, sent = touched(30)
    names = frozenset(w.id for w in sent.widgets)
    end = monotonic() + 0.5

    def over_and_over(act: Callable[[SafeSessionState], None]) -> None:
        of_this_run = SafeSessionState(state, lambda: None)
        while monotonic() < end:
            act(of_this_run)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as runs:
            ends = runs.submit(over_and_over, lambda run: run.on_script_finished(names))
            begins = runs.submit(over_and_over, lambda run: run.on_script_will_rerun(sent))
            ends.result()
            begins.result()
    finally:
        sys.setswitchinterval(before)


def test_the_next_run_begins_when_what_is_made_whole_is_over() -> None:
    state, _ = touched(0)
    one, other = SafeSessionState(state, lambda: None), SafeSessionState(state, lambda: None)
    elsewhere = SafeSessionState(SessionState(), lambda: None)
    inside, go_on = Event(), Event()

    def making() -> None:
        with one._lock:
            inside.set()
            go_on.wait(10)
            one["made"] = True

    with ThreadPoolExecutor(2) as runs:
        made = runs.submit(making)
        assert inside.wait(10)
        elsewhere["other"] = "session"
        next_run = runs.submit(partial(other.__contains__, "made"))
        with pytest.raises(TimeoutError):
            next_run.result(0.1)
        go_on.set()
        assert next_run.result(10)
        made.result(10)


def test_a_run_that_was_replaced_while_it_waited_sets_nothing_back() -> None:
    """What it was sent is older than what the next run was sent, which may have had its turn before."""
    state, sent = touched(1)
    replaced = Event()

    def look() -> None:
        if replaced.is_set():
            raise StopException

    before, waiting = SafeSessionState(state, lambda: None), SafeSessionState(state, look)
    with ThreadPoolExecutor(1) as runs:
        with before._lock:
            begun_late = runs.submit(waiting.on_script_will_rerun, sent)
            with pytest.raises(TimeoutError):
                begun_late.result(0.1)
            replaced.set()
        with pytest.raises(StopException):
            begun_late.result(10)
    assert state._new_widget_state.states == {}
