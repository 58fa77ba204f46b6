"""The tables of a snapshot, column by column. docs/snapshot.md is written from this.

Facts only: quantities, never prices (`billed` is what AWS charged). States and limits are those of the AWS
APIs (DescribeTrainingJob, DescribeEndpoint, S3 storage classes; rules.md#cost-identities).
"""

from __future__ import annotations

from simulator.snapshot.bill_tables import BILLED, BILLED_RATES, COMMITMENTS, HOURLY_USAGE
from simulator.snapshot.columns import Table
from simulator.snapshot.resource_tables import (
    BEDROCK,
    COMPUTE,
    ENDPOINT_TRAFFIC,
    ENDPOINTS,
    SERVICES,
    STORAGE,
    TRAINING_JOBS,
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        TRAINING_JOBS, ENDPOINTS, ENDPOINT_TRAFFIC, COMPUTE, BEDROCK, STORAGE, SERVICES, BILLED,
        COMMITMENTS, HOURLY_USAGE, BILLED_RATES,
    )
}  # fmt: skip
