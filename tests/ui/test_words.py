"""Names from accounts are data: nothing in them becomes markup. Figures are said the same way everywhere."""

import pytest

from simulator.ui.words import percent, plain, usd


@pytest.mark.parametrize(
    "name",
    [
        "a_b_c",
        "**bold**",
        "$x$ and $y$",
        "[click](http://evil)",
        "<script>alert(1)</script>",
        ":red[x]",
        "`code`",
        "~~x~~",
    ],
)
def test_every_character_with_a_meaning_in_markdown_is_escaped(name: str) -> None:
    shown = plain(name)
    for place, character in enumerate(shown):
        if character in "*_$[]<>:`~":
            assert shown[place - 1] == "\\", shown


def test_addresses_do_not_become_links() -> None:
    assert "://" not in plain("https://evil.example").replace("\\", "")
    assert "www." not in plain("www.evil.example").replace("\\", "")


def test_a_name_of_several_lines_cannot_begin_a_heading_or_a_list() -> None:
    assert "\n" not in plain("x\n# heading\n- item")


def test_dollars_keep_their_cents_and_their_sign() -> None:
    assert usd(2211.9) == "$2,211.90"
    assert usd(-0.5) == "−$0.50"
    assert usd(-0.001) == "$0.00"


def test_unknown_is_said_and_never_shown_as_zero() -> None:
    assert usd(None) == usd(float("nan")) == percent(float("nan")) == "unknown"
