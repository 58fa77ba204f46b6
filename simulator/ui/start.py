"""Starting the page from the command line: the same entry and theme as `make run`, from any folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from streamlit.web import bootstrap

from simulator.shipped import shipped

ENTRY = "streamlit_app.py"
CONFIG = ".streamlit/config.toml"


def start(port: int, address: str, headless: bool) -> None:
    """Serve the page until it is stopped."""
    options = {
        **dict(_flat(tomllib.loads(shipped(CONFIG).read_text(encoding="utf-8")))),
        "server_port": port,
        "server_address": address,
        "server_headless": headless,
        "browser_gatherUsageStats": False,
    }
    bootstrap.load_config_options(options)
    bootstrap.run(str(shipped(ENTRY)), False, [], options)


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """`[theme.light] primaryColor` → `theme_light_primaryColor`, as Streamlit's own command line names it."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}_")
        else:
            yield f"{above}{name}", value
