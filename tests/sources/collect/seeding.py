"""What goes into the stand-in through AWS's own write calls: buckets, scaling targets, organization, roles."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3

from tests.sources.collect.accounts import RICH
from tests.sources.collect.standin import Standin


@cache
def client(service: str, region: str = "us-west-2") -> Any:
    """A plain client of the stand-in."""
    config = boto3.session.Config(s3={"addressing_style": "path"}) if service == "s3" else None
    return boto3.client(service, region_name=region, config=config)


def make_buckets(names: list[str], region: str = "us-west-2") -> Any:
    """Empty buckets."""
    s3 = client("s3", region)
    for name in names:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    return s3


def seed_rich(aws: Standin) -> None:
    """The account RICH with its buckets and scaling target; the recorder is empty afterwards."""
    aws.seed(RICH)
    s3 = make_buckets(["plain-bucket", "cold-bucket", "new-bucket"])
    rule = {
        "ID": "r",
        "Status": "Enabled",
        "Filter": {},
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
    }
    s3.put_bucket_lifecycle_configuration(Bucket="cold-bucket", LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_versioning(Bucket="cold-bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="plain-bucket", Tagging={"TagSet": [{"Key": "Team", "Value": "data"}]})
    upload = s3.create_multipart_upload(Bucket="plain-bucket", Key="half")["UploadId"]
    for number in (1, 2):
        s3.upload_part(
            Bucket="plain-bucket", Key="half", UploadId=upload, PartNumber=number, Body=b"x" * 512 * 1024
        )
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/busy/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=4,
    )
    aws.forget()
