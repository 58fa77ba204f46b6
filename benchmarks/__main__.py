"""`python -m benchmarks [name …]`: run benchmarks, print each figure with its limit, exit 1 if one fails.

A benchmark is a module of this folder with `run() -> list[Check]`. BENCH_TINY=1: the smallest sizes,
to see that each starts; the figures then mean nothing.
"""

import importlib
import pkgutil
import sys
from pathlib import Path


def _names() -> list[str]:
    """The modules that hold a benchmark, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return [
        n
        for n in found
        if n != "__main__" and "\ndef run(" in (Path(__file__).parent / f"{n}.py").read_text()
    ]


def main(chosen: list[str]) -> int:
    """Run the chosen benchmarks, or all."""
    failed = False
    if unknown := set(chosen) - set(_names()):
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(_names())}", file=sys.stderr)
        return 2
    for name in chosen or _names():
        print(f"== {name}", flush=True)
        for check in importlib.import_module(f"benchmarks.{name}").run():
            print(check, flush=True)
            failed |= not check.passed
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
