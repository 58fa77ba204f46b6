"""Headings of a console download: a name, and in brackets a currency or a unit of usage."""

from __future__ import annotations

import re

CURRENCIES = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "CN¥": "CNY",
    "元": "CNY",
    "₹": "INR",
    "R$": "BRL",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "SG$": "SGD",
    "NT$": "TWD",
    "MX$": "MXN",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₫": "VND",
    "฿": "THB",
    "₱": "PHP",
    "₽": "RUB",
    "zł": "PLN",
    "Kč": "CZK",
    "Rp": "IDR",
    "RM": "MYR",
}
"""Currency signs of console downloads; a code of three capitals is itself."""
UNITS_OF_THREE = ("GBH", "REQ", "HRS", "QTY", "MAU")
HEADING = re.compile(r"^(?P<name>.*?) ?\((?P<unit>[^()]*)\)$")
SIGN = re.compile(r"^(\w{0,3}[$€£¥\u20a0-\u20cf]|kr\.?|Fr\.?)$")


def currency_of(unit: str) -> str:
    """ISO code of a sign or code in a heading; "" where it is a unit of usage.

    A sign nobody knows stands for itself: its amounts are no dollars, and asked for as `--rate`.
    """
    unit = unit.strip()
    if unit in CURRENCIES or re.match(r"^[A-Z]{3}$", unit):
        return CURRENCIES.get(unit, "" if unit in UNITS_OF_THREE else unit)
    return unit if SIGN.match(unit) else ""
