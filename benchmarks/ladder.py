"""The ladder: 36 months hourly, 500 draws, beside the plain linear program. `python -m benchmarks ladder`"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from benchmarks.limits import Check, sized
from simulator.plans.ladder import Wish, best_single, choose
from simulator.plans.ladder_demand import Demand, Rung

MONTHS, HOURS, DRAWS = 36, sized(730, 24), sized(500, 10)
PLAIN_HOURS, PLAIN_DRAWS = sized(96, 4), sized(20, 2)


def demand(hours: int, draws: int) -> Demand:
    """A day and night rhythm with noise that grows 1 % a month; demand drifts by up to 30 % a year."""
    dice = np.random.default_rng(21)
    shape = 10 + 5 * np.sin(np.arange(hours) / 24 * 2 * np.pi) + dice.random(hours)
    hourly = np.stack([shape * 1.01**m for m in range(MONTHS)])
    drift = (1 + dice.triangular(-0.3, 0, 0.3, draws))[:, None] ** (np.arange(1, MONTHS + 1) / 12)
    return Demand(hourly, drift, np.zeros(MONTHS))


def rungs() -> list[Rung]:
    """One year every quarter, three years at once."""
    return [Rung("1y", 0.2, s, 12) for s in range(1, 26, 3)] + [Rung("3y", 0.4, 1, 36)]


def with_nodes(plans: Demand) -> tuple[Demand, list[Rung]]:
    """The same beside two pools of 20 nodes, reserved for three months at a time in whole nodes."""
    flat = np.full((MONTHS * 2, plans.hourly_usd.shape[1]), 20 * 4.0)
    demand = Demand(np.vstack([plans.hourly_usd, flat]), np.tile(plans.factors, (1, 3)), np.zeros(MONTHS * 3))
    nodes = [Rung("nodes", 0.3, s, 3, MONTHS * p, 4.0) for p in (1, 2) for s in range(1, MONTHS - 1, 3)]
    return demand, rungs() + nodes


def plain(demand: Demand, rungs: list[Rung]) -> float:
    """Every hour of every draw a column: the expected cost."""
    draws, (months, hours) = len(demand.factors), demand.hourly_usd.shape
    cells, size = draws * months * hours, len(rungs)
    level = (demand.factors[:, :, None] * demand.hourly_usd[None]).ravel()
    month = np.tile(np.repeat(np.arange(months), hours), draws)
    live = np.array([[r.active(m + 1) for r in rungs] for m in range(months)], float)[month]
    row, column = np.nonzero(live)
    matrix = coo_matrix(
        (
            -np.ones(len(row) + cells),
            (np.concatenate([row, np.arange(cells)]), np.concatenate([column, size + np.arange(cells)])),
        ),
        shape=(cells, size + cells),
    )
    fee = [(1 - r.discount_ratio) * r.months * demand.hours for r in rungs]
    aim = np.concatenate([fee, np.full(cells, demand.hours / hours / draws)])
    return float(linprog(aim, matrix.tocsr(), -level, bounds=(0, None), method="highs").fun)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


def run() -> list[Check]:
    """Seconds of the whole choice, and its error and speed beside the plain program on a smaller one."""
    full, offers = demand(HOURS, DRAWS), rungs()

    def whole(demand: Demand = full, offers: list[Rung] = offers) -> None:
        single = best_single(demand, offers)
        choose(demand, offers, Wish(most_expected_usd=single.expected_usd), known=single)

    larger = with_nodes(full)

    small = demand(PLAIN_HOURS, PLAIN_DRAWS)
    slow, exact = _timed(lambda: plain(small, offers))
    fast, ours = _timed(lambda: choose(small, offers, Wish(regret_weight=0)))
    columns = PLAIN_DRAWS * MONTHS * PLAIN_HOURS
    return [
        Check("ladder of 36 months hourly, 500 draws, s", min(_timed(whole)[0] for _ in range(2)), 2.0),
        Check("the same with 24 reservations of whole nodes, s", _timed(lambda: whole(*larger))[0], 2.0),
        Check(
            "error beside the plain program",
            abs(ours.expected_usd / exact - 1),
            1e-3,
            detail=f"{columns:,} columns: plain {slow:.2f} s, ladder {fast:.2f} s",
        ),
    ]
