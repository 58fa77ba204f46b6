"""JSON from outside is read within limits or refused in words; never a traceback, never a wait."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis import ledger
from simulator.documents import MAX_DEPTH, opened_beside, parse, read_text_file, write_beside
from simulator.engine.scenario import Scenario, load_scenario
from simulator.errors import DocumentError
from simulator.reports.saved import read_file
from simulator.snapshot.files import write_files

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "format",
    "name",
    "levers",
    "start_months",
    "ramp_months",
    "keep",
    "planning",
    "prices_as_of",
    "made_with",
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 50_000, "nested deeper than 32 levels"),
        ('{"a": ' + "9" * 400 + "}", "400 digits"),
        ('{"a": 1e999}', "out of range"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": 1, "a": 2}', '"a" appears twice'),
        ("{", "not JSON"),
        ("", "not JSON"),
    ],
    ids=["deep", "digits", "infinite", "nan", "twice", "cut", "nothing"],
)
def test_what_is_refused_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        parse(text, "a.json")


def test_brackets_in_texts_are_not_depth() -> None:
    assert parse(json.dumps({"a": "[" * 100 + '\\"'}), "a.json") == {"a": "[" * 100 + '\\"'}
    assert parse("[" * MAX_DEPTH + "]" * MAX_DEPTH, "a.json")


@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(), st.lists, max_leaves=8
    )
)
def test_what_json_can_say_comes_back(data: Any) -> None:
    assert parse(json.dumps(data), "a.json") == data


def test_pipe_is_no_document(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p.json")
    with pytest.raises(DocumentError, match="not a regular file"):
        read_text_file(tmp_path / "p.json")
    with pytest.raises(DocumentError, match="not a regular file"):
        load_scenario(tmp_path / "p.json")


def test_keep_that_is_a_number_is_named() -> None:
    with pytest.raises(DocumentError, match=r"scenario\.keep: expected a list of resource names, not 5"):
        Scenario.from_dict({"keep": 5})


def refusal(read: Callable[[str], object], text: str) -> str | None:
    """The words of a refused document; None for one that is read."""
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return None


@settings(max_examples=300)
@given(data=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5) | JSON)
def test_any_json_is_a_scenario_or_refused_in_words(data: Any) -> None:
    text = json.dumps(data)
    for read in (read_file, ledger.from_json):
        assert refusal(read, text) != ""


@pytest.fixture
def nothing_for_others() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("nothing_for_others")
def test_what_is_written_is_as_private_as_the_person_wants_and_stays_as_it_was(tmp_path: Path) -> None:
    written = {
        "a.json": partial(write_beside, content=b"{}"),
        "a.zip": partial(write_files, {"manifest.json": b"{}"}),
        "a": partial(write_files, {"manifest.json": b"{}"}),
    }
    for name, write in written.items():
        place = tmp_path / name
        write(path=place)
        assert place.stat().st_mode & 0o077 == 0, name
        place.chmod(0o755)
        write(path=place)
        assert stat.S_IMODE(place.stat().st_mode) == 0o755, name
    assert sorted(os.listdir(tmp_path)) == sorted(written)


def test_a_file_that_was_begun_and_not_ended_is_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        _half(place)
    assert place.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


KILLED = """
import os, sys, signal
from pathlib import Path
from simulator.documents import opened_beside
with opened_beside(Path(sys.argv[1])) as stream:
    stream.write(b"half")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_beside_its_place_goes_once_it_is_old(tmp_path: Path) -> None:
    place, own, folder = tmp_path / "a.json", tmp_path / ".a.json.mine", tmp_path / ".team.0123abcd"
    place.write_bytes(b"old")
    own.write_bytes(b"of the user")
    subprocess.run([sys.executable, "-c", KILLED, str(place)], check=False)
    (left,) = (tmp_path / n for n in os.listdir(tmp_path) if n not in ("a.json", ".a.json.mine"))
    assert (left.read_bytes(), place.read_bytes()) == (b"half", b"old")
    write_beside(place, b"new")
    assert left.exists()  # it might still be written
    folder.mkdir()
    (folder / "manifest.json").write_bytes(b"{}")
    for old in (left, own, folder):
        os.utime(old, (0, 0))
    write_beside(place, b"newer")
    assert sorted(os.listdir(tmp_path)) == [".a.json.mine", ".team.0123abcd", "a.json"]
    write_files({"manifest.json": b"{}"}, tmp_path / "team")
    assert sorted(os.listdir(tmp_path)) == [".a.json.mine", "a.json", "team"]


def _half(place: Path) -> None:
    with opened_beside(place) as stream:
        stream.write(b"half of the new")
        raise ZeroDivisionError
