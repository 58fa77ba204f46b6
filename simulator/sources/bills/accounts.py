"""Accounts of lines. The ARN of a SageMaker resource names the account that uses it; the column may be absent (then it
is the payer's) or damaged by a spreadsheet: `1.23457E+11`, `111122223333.0`, leading zeros lost."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

ARN_ACCOUNT = re.compile(r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]*:(\d{12}):")
SPREADSHEET = re.compile(r"^\d(?:[.,]\d+)?E\+?\d+$", re.I)
DIGITS = re.compile(r"^(\d{9,12})(?:\.0+)?$")
ACCOUNT_DIGITS = 12


def repaired(account: str) -> str:
    """An account as 12 digits where its digits are left; "" where a spreadsheet rounded them away."""
    text = account.strip().strip("'")
    if SPREADSHEET.match(text):
        return ""
    found = DIGITS.match(text)
    return found[1].zfill(ACCOUNT_DIGITS) if found else text


def with_accounts(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with each row's account from its resource, else from its column, repaired."""
    if "account_id" not in frame or frame.empty:
        return frame
    accounts, code = _words(frame["account_id"])
    column = np.array([repaired(a) for a in accounts], object)[code]
    if "resource_id" in frame:
        ids, of = _words(frame["resource_id"])
        named = np.array([m[1] if (m := ARN_ACCOUNT.match(i)) else "" for i in ids], object)[of]
        column = np.where(named != "", named, column)
    kind = isinstance(frame["account_id"].dtype, pd.CategoricalDtype)
    return frame.assign(account_id=pd.Categorical(column) if kind else column)


def damaged(frame: pd.DataFrame) -> list[str]:
    """A sentence where the column holds accounts that a spreadsheet rounded."""
    words, _ = _words(frame["account_id"])
    wrong = [w for w in words if SPREADSHEET.match(w.strip())]
    if not wrong:
        return []
    return [
        f"account {wrong[0]}: rounded by a spreadsheet; the account is taken from the resource's ARN, and is unknown "
        "for lines without one"
    ]


def _words(column: pd.Series) -> tuple[list[str], np.ndarray]:
    """Each text once, and its place for every row."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [str(w) for w in column.cat.categories], column.cat.codes.to_numpy()
    code, words = pd.factorize(column.fillna(""))
    return [str(w) for w in words], code
