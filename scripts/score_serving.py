"""Print how well the serving curves predict runs they have not seen. `python scripts/score_serving.py`"""

from __future__ import annotations

from simulator.analysis.serving_curves import elsewhere, held_back, leave_one_out, unmeasured_band


def main() -> None:
    """Leave one run out on the 140, then the 32 held back, each with its error."""
    scored = leave_one_out()
    knee = scored[scored["requests_per_second"].between(10, 25)]["error"]
    print(
        f"leave one run out, {len(scored)} runs: median {scored['error'].median():.1%}, "
        f"P90 {scored['error'].quantile(0.9):.1%}; rates 10 to 25: median {knee.median():.1%}"
    )
    kept = held_back()
    print(kept.to_string(index=False, formatters={"error": "{:.1%}".format}))
    for shape, rows in kept.groupby("shape"):
        print(
            f"{shape}: {len(rows)} runs, median {rows['error'].median():.1%}, worst {rows['error'].max():.1%}"
        )
    print(
        f"held back, {len(kept)} runs: median {kept['error'].median():.1%}, P90 {kept['error'].quantile(0.9):.1%}"
    )
    shown = elsewhere()[
        [
            "engine",
            "model",
            "precision",
            "accelerator",
            "load",
            "output_tokens_per_second",
            "predicted",
            "ratio",
        ]
    ]
    print(shown.round(2).to_string(index=False))
    print(f"band of hardware without runs: a factor of {unmeasured_band():.2f}")


if __name__ == "__main__":
    main()
