"""Instance types: specification, allowed uses, spot saving."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import botocore.session

from scripts.price_facts.sources import source_of
from scripts.price_facts.table import read

USES = {
    "training_ok": "TrainingInstanceType",
    "hosting_ok": "ProductionVariantInstanceType",
    "transform_ok": "TransformInstanceType",
    "processing_ok": "ProcessingInstanceType",
    "notebook_ok": "InstanceType",
    "studio_ok": "AppInstanceType",
}
COLUMNS = (
    *("instance_type", "vcpu", "memory_gib", "gpu_count", "gpu_model", "gpu_memory_gib", "accelerator"),
    *("nvme", "arm", "multi_model_gpu_ok", *USES, "source"),
)
# Source: EC2 user guide, instance store volumes. botocore, ResourceConfig: no gp2 volume is made.
NVME_FAMILIES = {"g5", "g6", "g6e", "gr6", "g7", "g7e", "p5", "p5e", "p5en", "trn1", "trn1n", "trn2", "dl1"}
GIB_PER_VCPU = {"c": 2, "m": 4, "r": 8}
# Source: SageMaker developer guide, multi-model endpoints (June 2023); g6 and later are not confirmed.
MULTI_MODEL_GPU = {"ml.p2.xlarge", "ml.p3.2xlarge"} | {
    f"ml.{family}.{size}large" for family in ("g5", "g4dn") for size in ("x", "2x", "4x", "8x", "16x")
}


def allowed_uses() -> dict[str, set[str]]:
    """Instance types per use, from the enumerations of botocore's SageMaker model."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    return {
        use: {t for t in model.shape_for(shape).enum if t.startswith("ml.")} for use, shape in USES.items()
    }


def instances(facts: Path, priced: Iterable[str]) -> list[dict[str, object]]:
    """instances.csv: every type that SageMaker's API allows, or that has a price or a specification."""
    specs = {r["instance_type"]: r for r in read(facts / "instance_specs.csv")}
    uses = allowed_uses()
    names = set(specs) | set(priced) | set().union(*uses.values())
    return [_instance(name, specs.get(name), uses) for name in sorted(names)]


def _instance(name: str, spec: dict[str, str] | None, uses: dict[str, set[str]]) -> dict[str, object]:
    family = name.split(".")[1]
    accelerator = _accelerator(family)
    row: dict[str, object] = {
        "instance_type": name,
        "accelerator": accelerator,
        "nvme": _has_nvme(family),
        "arm": bool(re.fullmatch(r"[a-z]+\d+g[a-z]*", family)) or "gb200" in family,
        "multi_model_gpu_ok": name in MULTI_MODEL_GPU,
        **{use: name in types for use, types in uses.items()},
        **(_specified(spec) if spec else _by_rule(name)),
    }
    if accelerator == "none":
        row |= {"gpu_count": 0, "gpu_memory_gib": 0}
    return {k: str(v).lower() if isinstance(v, bool) else v for k, v in row.items()}


def _specified(spec: dict[str, str]) -> dict[str, object]:
    copied = {k: spec[k] for k in ("vcpu", "memory_gib", "gpu_count", "gpu_model")}
    ids = dict.fromkeys(source_of(s).source for s in spec["source"].split(" ; "))
    return {**copied, "gpu_memory_gib": spec["gpu_memory_gib_total"], "source": " ".join(ids)}


def _by_rule(name: str) -> dict[str, object]:
    """vCPU and memory of c, m and r types since generation 5, c5n excepted; otherwise unknown (blank)."""
    match = re.fullmatch(r"ml\.([cmr])([5-9])([a-z-]*)\.(\d*)(x?large)", name)
    if not match or match[2] + match[3] == "5n":
        return {"source": "botocore"}
    vcpu = 2 if match[5] == "large" else 4 * int(match[4] or 1)
    return {"vcpu": vcpu, "memory_gib": vcpu * GIB_PER_VCPU[match[1]], "source": "botocore rule-size"}


def _accelerator(family: str) -> str:
    for prefix, kind in (("inf", "inferentia"), ("trn", "trainium")):
        if family.startswith(prefix):
            return kind
    if family in ("dl1", "geospatial"):
        return ""
    return "gpu" if re.match(r"(p\d|g\d|gr\d|u-p6e)", family) else "none"


def _has_nvme(family: str) -> bool:
    with_d = re.fullmatch(r"[a-z]+\d+[a-z]*d[a-z]*", family)
    return bool(with_d) or family in NVME_FAMILIES or family.startswith(("p6", "u-p6e"))


def spot(facts: Path, known: set[str]) -> list[dict[str, str]]:
    """spot.csv: the advisor's saving and interruption band of EC2 types, under their ml. names.

    A negative saving (one in the feed) is no saving anyone gets: it is left out as unknown.
    """
    return [
        {
            "region": r["region"],
            "instance_type": f"ml.{r['ec2_instance_type']}",
            "saving_ratio": f"{int(r['spot_savings_pct_vs_on_demand']) / 100:g}",
            "interruption_band": r["interruption_bucket"],
            "spot_as_of": r["spot_as_of"],
            "source": source_of(r["spot_source"]).source,
        }
        for r in read(facts / "spot.csv")
        if r["spot_savings_pct_vs_on_demand"].isdigit() and f"ml.{r['ec2_instance_type']}" in known
    ]


def not_offered(facts: Path, r6i: Iterable[str]) -> list[dict[str, str]]:
    """not_offered.csv: components for which the price list has no entry of a type. `*` = in every region.

    The shared us-east-1 price of `r6i` types holds for notebooks and Studio only (facts README).
    """
    rows = [
        (c, name, "*", "price-list-2026-09-24") for c in ("hosting", "processing", "training") for name in r6i
    ]
    for r in read(facts / "misc.csv"):
        if r["item"].startswith("not_offered:"):
            _, component, name = r["item"].split(":")
            rows.append((component, name, r["region"], source_of(r["source"]).source))
    return [
        dict(zip(("component", "instance_type", "region", "source"), r, strict=True)) for r in sorted(rows)
    ]
