"""Damaged files by the thousand, with a table of what became of them: `python -m tests.sources.bills.battery 2000`.

The files, and the judge of each, are those of `test_mutations`; a test tries the first of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from tests.sources.bills.test_mutations import judged, undamaged

COLUMNS = {
    "imported": "imported whole",
    "kept aside": "rows kept aside, named",
    "refused": "refused in words",
}
WRONG = "wrong"


def main(first: int, end: int) -> int:
    """Try the files with these numbers; 1 where one was wrong."""
    begun = time.monotonic()
    table: dict[str, Counter[str]] = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as scratch:
        whole = undamaged(Path(scratch))
        for number in range(first, end):
            became, wrong, way = judged(Path(scratch), whole, number)
            if wrong:
                sys.stdout.write(f"{number}: {wrong}\n")
            table[way.partition(" ")[0]][WRONG if wrong else became] += 1
    total = sum(table.values(), Counter())
    lines = [f"| damage | {' | '.join(COLUMNS.values())} | {WRONG} |", "|---|---|---|---|---|"]
    for way, counts in [*sorted(table.items()), ("all", total)]:
        lines.append(f"| {way} | {' | '.join(f'{counts[c]:,}' for c in [*COLUMNS, WRONG])} |")
    sys.stdout.write(
        "\n".join([*lines, f"{end - first:,} files in {time.monotonic() - begun:,.0f} s"]) + "\n"
    )
    return int(total[WRONG] > 0)


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:]] or [2000]
    sys.exit(main(numbers[0] if len(numbers) > 1 else 0, numbers[-1]))
