"""Starting the page from the command line: the same entry and theme as `make run`, from any folder."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from simulator.shipped import shipped

CONFIG = ".streamlit/config.toml"


def start(port: int, address: str, headless: bool, base_path: str | None = None) -> None:
    """Serve the page until it is stopped. Raises InputError when the settings are not whole."""
    from simulator.ui.server import application, base_path_of

    path = base_path_of(base_path)
    options = {
        **dict(_flat(tomllib.loads(shipped(CONFIG).read_text(encoding="utf-8")))),
        "server.port": port,
        "server.address": address,
        "server.headless": headless,
        "server.baseUrlPath": path,
        "browser.gatherUsageStats": False,
        "logger.enableRich": False,  # rich would print messages of errors past the log
    }
    application(browser=not headless, base_path=path).run(config=options)


def _flat(table: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """`[theme.light] primaryColor` → `theme.light.primaryColor`, as Streamlit names it."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
