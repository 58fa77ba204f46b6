"""Names from accounts are data: nothing in them becomes markup. Figures are said the same way everywhere."""

import pytest

from simulator.ui.words import percent, plain, thousands_range, usd, whole_usd, without_cents


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


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(47_300, 52_400, "$47–52k"), (640, 7_100, "$640–7.1k"), (6_300, 6_320, "$6.3k"), (0, 90, "$0–90")],
)
def test_two_amounts_are_said_in_one_unit_where_they_have_one(low: float, high: float, words: str) -> None:
    assert thousands_range(low, high) == words


def test_a_sentence_on_the_screen_has_no_cents_but_those_of_less_than_a_dollar() -> None:
    said = "idle hours cost $4,022.14 per month, storage $0.34, a node $1.50; 306.41 GiB"
    assert without_cents(said) == "idle hours cost $4,022 per month, storage $0.34, a node $2; 306.41 GiB"


@pytest.mark.parametrize(
    ("usd", "words"),
    [
        (77_747.502, "$77,748"),
        (77_747.497, "$77,748"),
        (76.5, "$77"),
        (77.5, "$78"),
        (-76.5, "−$77"),
        (0.5, "$1"),
    ],
)
def test_whole_dollars_are_rounded_as_the_columns_of_a_table_are(usd: float, words: str) -> None:
    """From cents, halves up: the browser shows 77,747.50 as 77,748."""
    assert whole_usd(usd) == words


def test_sentence_keeps_the_cents_of_rates_per_hour() -> None:
    told = "falls from $79.67 to $45.04 per hour; sized on history it would be $16,499.24 per month worse, $0.40 more"
    assert without_cents(told) == (
        "falls from $79.67 to $45.04 per hour; sized on history it would be $16,499 per month worse, $0.40 more"
    )
