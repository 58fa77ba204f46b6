"""Sources of the facts: a short id, a grade and where to look it up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """`match` is the beginning of the facts' own source text; `grade` of a price taken from it."""

    id: str
    match: str
    grade: str
    text: str
    note: str = ""


FEED = "v0rts/aws-price-watcher@"
INDEX = "public file index id "
LISTED = (
    Source("aws-feed-studio", FEED + "e8ac1b84718a278babd063ebaf44f421994e5f38:raw/sagemaker-instances", "api", "AWS price feed, SageMaker Studio notebooks, published 2025-12-05"),
    Source("aws-feed-studio-history", FEED + "e1aca754", "api", "AWS price feed, SageMaker Studio notebooks, captured history 2025-04-30 to 2025-12-05"),
    Source("aws-feed-training-plan", FEED + "e8ac1b84718a278babd063ebaf44f421994e5f38:raw/sagemaker-training", "api", "AWS price feed, SageMaker training plans, published 2025-12-05"),
    Source("aws-feed-s3", FEED + "d6499ea2", "api", "AWS price feed, S3, published 2025-12-02"),
    Source("aws-feed-s3-deep-archive", FEED + "bdf667bd", "api", "AWS price feed, S3 Glacier Deep Archive, published 2025-08-28"),
    Source("aws-feed-cloudwatch", FEED + "ac88588f", "api", "AWS price feed, CloudWatch, published 2025-12-03"),
    Source("price-list-2026-09-27", INDEX + "70282000957", "api", "us-east-1 table read from the AWS price list on 2026-09-27", "one price per type, rounded to a cent, for notebook, Studio, endpoint, training and processing"),
    Source("price-list-2026-09-24", INDEX + "71562949756", "api", "research note of 2026-09-25, read from the AWS price list on 2026-09-24"),
    Source("price-list-2026-04-21", "johbro/ocp-ai-cost-modeler@", "api", "us-east-1 extract of the AWS price list, 2026-04-21"),
    Source("price-list-2026-10-04", INDEX + "70279944293", "api", "price list points of 2026-10-04 (eu-west-1, eu-west-3)"),
    Source("price-list-2026-09-09", INDEX + "69640604893", "api", "price list, usage type USE1-ServerlessInf:Mem-3GB, effective 2026-09-01"),
    Source("price-list-2026-09-23", INDEX + "69311764830", "api", "price list points of 2026-09-23 (ap-northeast-1)"),
    Source("price-list-2026-09-20", INDEX + "69729964164", "api", "price list points of 2026-09-20 (USE1-Host, USE1-AsyncInf)"),
    Source("price-list-2026-09-28", INDEX + "70265565863", "api", "AWS pricing page example and price list, usage type USE1-Host, 2026-09-27/28"),
    Source("price-list-2026-08-20", INDEX + "65776351864", "api", "price list point, usage type USE1-Train"),
    Source("price-list-2026-08-11", INDEX + "66639888452", "api", "price list point, usage type USE1-Train, SKU JMCWJEAPVJNFJ5P4"),
    Source("price-list-2026-06-27", INDEX + "56200718818", "api", "price list point, usage type USE1-Host, SKU JDZQJFUVUR8SUWHS"),
    Source("price-list-usw2-host", INDEX + "67421712982", "api", "price list point, usage type USW2-Host, quoted in a test fixture; date not stated"),
    Source("price-list-use2-host", INDEX + "69413707633", "api", "price list API output, usage type USE2-Host; date not stated"),
    Source("price-list-rounded", INDEX + "65879637321", "api", "price list, rounded to three places; date not stated"),
    Source("readme-2026-09-22", INDEX + "69704774180", "secondary", "worked example of a README, monthly cost / 730 h, price list of 2026-09-22"),
    Source("fmbench-2025-01", "aws-samples/foundation-model-benchmarking-tool@", "secondary", "FMBench price file, 2025-01-26", "region not stated; values match us-east-1"),
    Source("aws-bill-2023-12", "aws-samples/sagemaker-ssh-helper@", "official", "a real bill published by AWS staff, December 2023, eu-west-1"),
    Source("litellm-2026-07-24", "RoCry/llm-api-price@", "secondary", "litellm price file (BerriAI/litellm), copy of 2026-07-24"),
    Source("genai-prices-2026-08-21", "pydantic/genai-prices@", "secondary", "pydantic/genai-prices, 2026-08-21"),
    Source("aws-spot-advisor-2025-06-28", "alexei-led/spotinfo@", "api", "AWS Spot Instance Advisor feed, captured 2025-06-28"),
    Source("sp-rate-2023-10", INDEX + "33140762030", "api", "ML Savings Plans price file, one row quoted in ec2instances.info's old scraper, 2023-10-27"),
    Source("aws-s3-guide", "awsdocs/amazon-s3-userguide@", "official", "Amazon S3 user guide, storage classes, June 2023"),
    Source("aws-sagemaker-guide", "awsdocs/amazon-sagemaker-developer-guide@", "official", "Amazon SageMaker developer guide, June 2023"),
    Source("aws-ec2-guide", "awsdocs/amazon-ec2-user-guide@", "official", "Amazon EC2 user guide, instance tables, June 2023"),
    Source("tsaol-gpu", "tsaol/aws-gpu@", "secondary", "table of AWS GPU instances"),
    Source("vantage-gpu", "vantage-sh/ec2instances.info@", "secondary", "ec2instances.info GPU data"),
)  # fmt: skip
OWN = (
    ("aws-cost-explorer-faq", "Cost Explorer FAQ: USD 0.01 per API request", "https://aws.amazon.com/ar/aws-cost-management/aws-cost-explorer/faqs", "DOMAIN 6"),
    ("factualminds-2026-06", "CloudWatch pricing article of 2026-06-13: USD 3 per dashboard and month", "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/", ""),
    ("domain", "this project's DOMAIN rules, marked there as not confirmed by AWS", "", "sections 1 and 3.5"),
    ("aws-bedrock-capacity-page", "Bedrock user guide, capacity, limits and cost optimization: batch at 50 % of on demand", "https://docs.aws.amazon.com/bedrock/latest/userguide/capacity-limits-cost-optimization.html", ""),
    ("aws-agent-toolkit-2026-08", "AWS agent toolkit, prompt caching reference, August 2026", "aws/agent-toolkit-for-aws@d6ad2e4", ""),
    ("botocore", "botocore service model: enumerations, limits and docstrings", "https://github.com/boto/botocore", "the version pinned in requirements.txt"),
    ("rule-R1", "the components of a type agree within 1 % in a region (370 of 370 pairs)", "", "facts README; grade assumed"),
    ("rule-R2", "us-east-1, us-east-2 and us-west-2 have the same prices (49 of 49 and 59 of 59 Studio types)", "", "facts README; grade assumed"),
    ("rule-size", "vCPU from the size, memory 2, 4 or 8 GiB per vCPU for c, m and r families since generation 5", "", "holds for every such type with a published specification"),
)  # fmt: skip
USED: dict[str, set[str]] = {}


def source_of(text: str) -> Source:
    """The listed source of a facts row (the first of several). Raises ValueError for one that is not listed."""
    first = text.split(" ; ")[0].strip()
    for source in LISTED:
        if first.startswith(source.match):
            USED.setdefault(source.id, set()).add(first)
            return source
    raise ValueError(f"source {first!r} is not in scripts/price_facts/sources.py: add it with a grade")


def source_rows() -> list[dict[str, str]]:
    """sources.csv: every listed source that a row uses, and the project's own rules."""
    rows = [
        {"source": s.id, "text": s.text, "url_or_repo": " ; ".join(sorted(USED[s.id])), "note": s.note}
        for s in LISTED
        if s.id in USED
    ]
    rows += [dict(zip(("source", "text", "url_or_repo", "note"), own, strict=True)) for own in OWN]
    return sorted(rows, key=lambda r: r["source"])
