"""Everything beyond one page is read, once."""

from datetime import timedelta

from simulator.sources.collect.run import run
from tests.sources.collect.accounts import END, RICH, at, calls, endpoint, job, merged, options
from tests.sources.collect.comparing import same_tables
from tests.sources.collect.seeding import client, make_buckets, seed_rich
from tests.sources.collect.standin import Standin

JOBS, ENDPOINTS = 230, 120


def test_lists_of_more_than_a_page_are_read_to_the_end(aws: Standin) -> None:
    aws.seed(
        {"resources": {"training-job": [job(f"job-{n:03}", began=100, seconds=600) for n in range(JOBS)]}}
    )
    aws.seed({"resources": merged(*(endpoint(f"end-{n:03}") for n in range(ENDPOINTS)))})
    snapshot = run(options(days=7)).snapshot
    assert snapshot.tables["training_jobs"]["job_name"].tolist() == [f"job-{n:03}" for n in range(JOBS)]
    assert snapshot.tables["endpoints"]["endpoint_name"].nunique() == ENDPOINTS
    assert len(snapshot.tables["endpoint_traffic"]) == ENDPOINTS * 7 * 24


def test_every_page_size_gives_the_same_tables(aws: Standin) -> None:
    seed_rich(aws)
    whole = run(options()).snapshot
    aws.seed({"items_per_page": 1, "points_per_page": 2})
    paged = run(options(resume=False, store=None, name="paged")).snapshot
    same_tables(whole, paged)
    pages = [call for call in aws.calls() if call[1] == "ListApps"]
    assert len(pages) == 1 + len(RICH["answers"]["sagemaker:ListApps"])


def test_metric_that_spans_pages_is_whole(aws: Standin) -> None:
    """24 calls in each of the last 100 hours, three points a page."""
    aws.seed(
        {"resources": endpoint("steady"), "metrics": [calls("steady", [(at(h), 24) for h in range(1, 101)])]}
    )
    aws.seed({"points_per_page": 3})
    traffic = run(options()).snapshot.tables["endpoint_traffic"]
    assert traffic["invocations"].sum() == 2400
    assert (traffic["invocations"] > 0).sum() == 100
    assert len([c for c in aws.calls() if c[1] == "GetMetricData"]) >= 34


def test_bill_of_several_pages_is_whole_and_each_page_is_counted(aws: Standin) -> None:
    seed_rich(aws)
    aws.seed({"items_per_page": 3})
    collected = run(options(max_cost_requests=10))
    assert collected.snapshot.tables["billed"]["cost_usd"].sum() == 7000 + 2285.5 + 40 + 12.94 + 10 - 50 + 700
    """1 for the names, 6 lines in 2 pages, 2 lines in 1 page."""
    assert sum(n for (service, _), n in collected.calls.items() if service == "ce") == 4


def test_bill_that_needs_more_pages_than_allowed_is_unknown_not_half(aws: Standin) -> None:
    seed_rich(aws)
    aws.seed({"items_per_page": 1})
    collected = run(options(max_cost_requests=4))
    assert collected.snapshot.tables["billed"].empty
    assert sum(n for (service, _), n in collected.calls.items() if service == "ce") == 4
    assert any(
        "more than the 4 Cost Explorer requests allowed" in s for s in collected.snapshot.manifest.assumptions
    )


def test_scaling_targets_and_unfinished_uploads_beyond_a_page(aws: Standin) -> None:
    aws.seed({"resources": merged(*(endpoint(f"e{n}") for n in range(60)))})
    scaling = client("application-autoscaling")
    for n in range(60):
        scaling.register_scalable_target(
            ServiceNamespace="sagemaker", ResourceId=f"endpoint/e{n}/variant/AllTraffic",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount", MinCapacity=1, MaxCapacity=n + 1,
        )  # fmt: skip
    s3 = make_buckets(["uploads"])
    for n in range(3):
        upload = s3.create_multipart_upload(Bucket="uploads", Key=f"k{n}")["UploadId"]
        s3.upload_part(Bucket="uploads", Key=f"k{n}", UploadId=upload, PartNumber=1, Body=b"x" * 1024)
    yesterday = (END - timedelta(days=1)).replace(hour=0).isoformat()
    dimensions = [["BucketName", "uploads"], ["StorageType", "StandardStorage"]]
    aws.seed({"metrics": [["AWS/S3", "BucketSizeBytes", dimensions, [(yesterday, 2**30)]]]})
    tables = run(options(days=7)).snapshot.tables
    assert sorted(tables["endpoints"]["scaling_max"]) == list(range(1, 61))
    assert tables["storage"]["incomplete_upload_gib"].tolist() == [3 * 1024 / 2**30]
