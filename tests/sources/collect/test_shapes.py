"""What the overlay answers in moto's place has the shape botocore's model of the service gives it."""

from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.stub import Stubber

from tests.sources.collect.accounts import RICH

FIELDS = {
    "ListInferenceComponents": "InferenceComponents", "ListApps": "Apps", "ListSpaces": "Spaces",
    "ListFoundationModels": "modelSummaries", "ListInferenceProfiles": "inferenceProfileSummaries",
    "ListProvisionedModelThroughputs": "provisionedModelSummaries", "DescribeSavingsPlans": "savingsPlans",
    "DescribeFileSystems": "FileSystems", "DescribeLogGroups": "logGroups",
    "ListMlflowTrackingServers": "TrackingServerSummaries",
}  # fmt: skip


@pytest.mark.parametrize("operation", sorted(RICH["answers"]))
def test_seeded_answers_are_valid_for_the_service(operation: str) -> None:
    service, _, name = operation.partition(":")
    client: Any = boto3.client(service, "us-west-2", aws_access_key_id="a", aws_secret_access_key="b")
    items = RICH["answers"][operation]
    answers = [{FIELDS[name]: items}] if name in FIELDS else items
    stubber = Stubber(client)
    for answer in answers:
        stubber.add_response(xform_name(name), answer)
    assert answers
