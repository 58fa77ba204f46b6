"""Where the files are that ship with the product: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The file or folder of that name. Raises FileNotFoundError when the installation is incomplete."""
    for folder in (PACKAGE.parent, PACKAGE):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(
        f"{name} was not found beside or inside {PACKAGE}: the installation is incomplete"
    )


PRICING_DATA = shipped("pricing_data")
"""The dated tables of prices, types, regions and models."""
