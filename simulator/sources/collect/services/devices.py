"""How many vCPUs and GPUs a CloudWatch sum is spread over. CPU and GPU metrics are sums: 400 % on four GPUs."""

from __future__ import annotations

import numpy as np

from simulator.catalog import load_catalog


def vcpus(instance_type: str) -> float:
    """vCPUs of the type, NaN unknown."""
    return _of(instance_type, load_catalog().vcpu)


def gpus(instance_type: str) -> float:
    """GPUs of the type, 0 for one without, NaN unknown or another accelerator (CloudWatch has no GPU metric)."""
    catalog = load_catalog()
    code = catalog.type_code([instance_type])[0]
    if code < 0:
        return np.nan
    return float(catalog.gpu_count[code]) if catalog.has_gpu[code] else 0.0


def share(percent: float, devices: float) -> float:
    """A CloudWatch percentage summed over devices as a ratio 0–1 of all of them; NaN unknown."""
    return min(percent / 100 / devices, 1.0) if devices and devices > 0 else np.nan


def _of(instance_type: str, column: np.ndarray) -> float:
    code = load_catalog().type_code([instance_type])[0]
    return float(column[code]) if code >= 0 else np.nan
