"""Texts are kept with Python in our own processes; who imports the simulator keeps what pandas does."""

import subprocess
import sys

ASK = "import pandas; print(pandas.get_option('mode.string_storage'))"


def told(before: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\n{ASK}"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_who_imports_the_simulator_keeps_the_option_of_pandas() -> None:
    assert told("from simulator import load_sample; load_sample('report')") == told("")


def test_a_command_and_the_app_keep_texts_with_python() -> None:
    assert told("import simulator.cli.options") == "python"
    assert told("from simulator.ui import page; page.prepare()") == "python"
