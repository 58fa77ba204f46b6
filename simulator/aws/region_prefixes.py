"""Billing prefixes of usage types → regions."""

from __future__ import annotations

import re

PREFIXES = {
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
    "APE2": "ap-east-2",
    "CNN1": "cn-north-1",
    "CNW1": "cn-northwest-1",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "MXC1": "mx-central-1",
    "SAE1": "sa-east-1",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "APE1": "ap-east-1",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "APS7": "ap-southeast-5",
    "AFS1": "af-south-1",
    "ILC1": "il-central-1",
    "MEC1": "me-central-1",
    "MES1": "me-south-1",
    "UGW1": "us-gov-west-1",
    "UGE1": "us-gov-east-1",
}
"""Billing prefixes. APS1 is ap-southeast-1, APS3 ap-south-1: so in real reports, wrong in much public code."""
UNKNOWN_PREFIX = re.compile(r"^((US|EU|AP|CA|CN|SA|ME|AF|IL|MX|UG)\d{1,2}|[A-Z]{3}\d{1,2})$")
"""The form of a billing prefix we have no region for: it is split off, and the region column beside it believed."""
DEFAULT_REGION = "us-east-1"


def split_prefix(usage_type: str) -> tuple[str, str]:
    """`USW2-Host:ml.g5.2xlarge` → (`USW2`, `Host:ml.g5.2xlarge`); no prefix is ("", the whole)."""
    head, dash, rest = usage_type.partition("-")
    if dash and head in PREFIXES:
        return head, rest
    if dash and UNKNOWN_PREFIX.match(head):
        return head, rest
    head, underscore, rest = usage_type.partition("_")
    return (head, rest) if underscore and head in PREFIXES else ("", usage_type)
