"""Accelerators of the serving curves: memory as the catalogue has it, and a source for every figure."""

from __future__ import annotations

import csv

from simulator.catalog import DATA, load_catalog


def test_memory_per_card_is_the_catalogues_and_every_row_names_what_it_was_checked_against() -> None:
    catalog = load_catalog()
    with (DATA / "serving" / "accelerators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 6
    per_card = {
        (model, memory / count)
        for model, memory, count in zip(
            catalog.gpu_model, catalog.gpu_memory_gib, catalog.gpu_count, strict=True
        )
        if count > 0
    }
    for row in rows:
        memory = float(row["gpu_memory_gib"])
        assert any(model.startswith(row["gpu_model"]) and abs(m - memory) < 1 for model, m in per_card), row
        assert "checked: " in row["source"], row
