"""The table that `make faults` ends with: each fault, what must hold under it, how many tests said so.

A pytest plugin (`-p tests.fault_table`). A row without a test, or a test without a row, is a failure of the table.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

ROWS = (
    (
        "each service denied",
        "its tables unknown, the rest complete",
        r"test_faults.*(denied|one_source_that_was)",
    ),
    ("30 % throttled", "the calm result", r"thirty_percent"),
    ("throttled for good", "said, never empty", r"throttled_for_good"),
    ("connection cut, 500, HTML", "a passing one is made good, else unsupported", r"\[(500|html500|cut)\]"),
    (
        "truncated or malformed answer",
        "unsupported, never empty",
        r"malformed|partial|hollow|without_its_list",
    ),
    ("slow, or never answers", "the calm result, or given up in time", r"slow_service|never_answers"),
    ("killed or cancelled, resumed", "nothing asked or paid twice", r"test_resume|broken_off|killed_run"),
    ("expired token, wrong clock", "ends in words, keeps what was read", r"test_credentials"),
    (
        "deleted or contradicting meanwhile",
        "one row, not the run",
        r"deleted_while|contradicting|empty_account",
    ),
    ("another account's keys", "a store of another is never opened", r"another|identity_is_asked"),
    ("nothing read", "exit code 3, the old file stays", r"nothing|strict|bills_own|not_asked"),
    ("place cannot be written", "refused first, or done without", r"test_identity"),
    ("damaged files of all kinds", "taken or refused in words", r"test_fuzz_files"),
    ("damaged bills", "right dollars, or rows named", r"test_mutations"),
)
OUTCOMES = ("passed", "failed", "error", "skipped")


def row_of(nodeid: str) -> str:
    """The fault a test is about: the first row that fits."""
    return next((fault for fault, _, pattern in ROWS if re.search(pattern, nodeid)), "no row")


def table(counts: dict[str, Counter[str]]) -> list[str]:
    """The lines of the table, widths fitted."""
    known = [(fault, held) for fault, held, _ in ROWS]
    known += [(fault, "?") for fault in counts if fault not in dict(known)]
    wide, wider = max(len(f) for f, _ in known), max(len(h) for _, h in known)
    lines = [f"{'fault':{wide}}  {'must hold':{wider}}  passed  failed"]
    for fault, held in known:
        seen = counts.get(fault, Counter())
        bad = seen["failed"] + seen["error"]
        note = f"  {seen['skipped']} skipped" if seen["skipped"] else "" if seen else "  not tried"
        lines.append(f"{fault:{wide}}  {held:{wider}}  {seen['passed']:6}  {bad:6}{note}")
    return lines


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table under the results."""
    counts: dict[str, Counter[str]] = {}
    for outcome in OUTCOMES:
        for report in terminalreporter.stats.get(outcome, ()):
            counts.setdefault(row_of(report.nodeid), Counter())[outcome] += 1
    terminalreporter.section("faults")
    for line in table(counts):
        terminalreporter.write_line(line)
