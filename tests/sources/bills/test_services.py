"""Vector stores, file systems, logs and SageMaker's servers on a bill → the services table, priced to the cent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator import Account
from simulator.analysis.reconcile import reconcile
from simulator.aws.service_types import service_use
from simulator.sources.bills import import_bill
from tests.accounts import prices
from tests.sources.bills.bills import ACCOUNT, cur2_parquet, line

HOURS = 48.0
COLLECTION = f"arn:aws:aoss:us-east-1:{ACCOUNT}:collection/kb-docs"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/sagemaker/TrainingJobs"
MONTHS = HOURS / (31 * 24)


def beside() -> list[dict[str, Any]]:
    """Two days of October: the floor of a vector store, an MLflow server, logs of training and of something else.

    2 OCUs × 48 h × 0.24 = 23.04; 10 GB for two of 31 days = 0.645161 GB-months × 0.024; MLflow 48 h at 0.60 = 28.80.
    """
    whole: dict[str, Any] = {"hours": HOURS, "region": "us-east-1"}
    es, watch = {"product": "AmazonES", **whole}, {"product": "AmazonCloudWatch", "unit": "GB-Mo", **whole}
    return [
        line("USE1-IndexingOCU", 11.52, quantity=HOURS, resource=COLLECTION, **es),
        line("USE1-SearchOCU", 11.52, quantity=HOURS, resource=COLLECTION, **es),
        line(
            "USE1-StorageUsedInS3ByteHour",
            10 * MONTHS * 0.024,
            quantity=10 * MONTHS,
            resource=COLLECTION,
            **es,
        ),
        line("USE1-MLflow:Small", 28.80, quantity=HOURS, resource="", **whole),
        line("USE1-TimedStorage-ByteHrs", 100 * MONTHS * 0.03, quantity=100 * MONTHS, resource=LOGS, **watch),
        line(
            "USE1-TimedStorage-ByteHrs",
            4.8,
            quantity=160.0,
            resource=LOGS.replace("sagemaker", "lambda"),
            **watch,
        ),
        line("USE1-Host:ml.m5.large", 48 * 0.115, quantity=HOURS, **whole),
    ]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    path: Path = tmp_path_factory.mktemp("bill") / "bill.parquet"
    return Account.open(import_bill(cur2_parquet(beside(), path)).snapshot)


def rows(account: Account) -> pd.DataFrame:
    return account.snapshot.tables["services"].set_index("kind")


def test_the_vector_store_has_its_ocu_hours_and_its_size(account: Account) -> None:
    store = rows(account).loc["opensearch_serverless"]
    assert (store["name"], store["unit_hours"]) == ("kb-docs", 2 * HOURS)
    assert store["gib"] == pytest.approx(10.0)
    assert pd.isna(store["hybrid_search"])


def test_log_groups_of_training_are_ours_and_others_are_not(account: Account) -> None:
    logs = rows(account).loc[["logs"]]
    assert logs["name"].tolist() == ["/aws/sagemaker/TrainingJobs"]
    assert logs["gib"].tolist() == pytest.approx([100.0])


def test_what_aws_lists_no_price_for_has_the_price_of_the_bill(account: Account) -> None:
    book = account.book(prices())
    assert book.price("mlflow", "small", "us-east-1").usd == pytest.approx(0.60)


def test_they_explain_their_dollars_of_the_bill_and_no_others(account: Account) -> None:
    """Of `other` 4.80 stay unexplained: the logs of Lambda."""
    found = {r.component: r for r in reconcile(account, prices())}
    other = found["other"]
    assert other.explained_usd == pytest.approx(
        23.04 + 10 * MONTHS * 0.024 + 28.80 + 100 * MONTHS * 0.03, abs=1e-6
    )
    assert other.unexplained_usd == pytest.approx(4.8, abs=1e-6)


def test_dollars_without_a_quantity_stay_the_bills_own(tmp_path: Path) -> None:
    bare = [
        line("USE1-Canvas:Session-Hrs", 9.5, quantity=None, hours=HOURS, region="us-east-1"),
        *beside()[-1:],
    ]
    table = import_bill(cur2_parquet(bare, tmp_path / "bill.parquet")).snapshot.tables["services"]
    assert table["billed_usd"].tolist() == [9.5]
    assert table["unit_hours"].isna().all()


@pytest.mark.parametrize(
    ("product", "usage_type", "kind", "size"),
    [
        ("AmazonSageMaker", "USW2-Canvas:Session-Hrs", "canvas", ""),
        ("Amazon SageMaker", "EUC1-MLflow:Medium", "mlflow", "Medium"),
        ("AmazonFSx", "USE1-Storage.SSD.125", "fsx_lustre", "PERSISTENT_2-125"),
        ("AmazonEFS", "USW2-IATimedStorage-ET-ByteHrs", "efs", "elastic"),
        ("AmazonS3", "USE1-Vectors-TimedStorage-ByteHrs", "s3_vectors", ""),
        ("AmazonES", "APN2-SearchOCU", "opensearch_serverless", ""),
    ],
)
def test_usage_types_are_told_by_product_and_name(
    product: str, usage_type: str, kind: str, size: str
) -> None:
    use = service_use(product, usage_type)
    assert use is not None
    assert (use.kind, use.size) == (kind, size)


RUNTIME = f"arn:aws:bedrock-agentcore:us-east-1:{ACCOUNT}:runtime/helper-1"
AGENTS = (
    # usage type, resource, quantity, price: vCPU and GB-hours of a runtime, a browser, calls of a gateway, memory
    ("USE1-Runtime:Consumption-based:vCPU", RUNTIME, "vCPU-Hours", 20.0, 0.0895),
    ("USE1-Runtime:Consumption-based:Memory", RUNTIME, "GB-Hours", 300.0, 0.00945),
    ("USE1-BrowserTool:Consumption-based:vCPU", "", "vCPU-Hours", 2.0, 0.0895),
    ("USE1-CodeInterpreter:Consumption-based:Memory", "", "GB-Hours", 5.0, 0.00945),
    ("USE1-Gateway:Consumption-based:API-Invocations", "", "Invocations", 9_000.0, 5e-6),
    ("USE1-Gateway:Consumption-based:Search-API", "", "Invocations", 400.0, 2.5e-5),
    ("USE1-Memory:Consumption-based:Short-Term-Memory", "", "Events", 1_000.0, 2.5e-4),
    ("USE1-Memory:Consumption-based:Long-Term-Memory-Retrieval", "", "Retrievals", 100.0, 5e-4),
    ("USE1-Memory:Consumption-based:Long-Term-Memory-Storage:Built-in-memory", "", "Records", 50.0, 7.5e-4),
    ("USE1-Runtime:Consumption-based:vCPU-v2", RUNTIME, "vCPU-Hours", 10.0, 0.1276),
    ("USE1-Policy:Consumption-based:Input-Tokens", "", "1K tokens", 3.0, 0.0),
)


def agents(factor: float = 1.0, **more: Any) -> list[dict[str, Any]]:
    told: dict[str, Any] = {
        "product": "AmazonBedrockAgentCore",
        "hours": HOURS,
        "region": "us-east-1",
        **more,
    }
    made = []
    for kind, where, unit, n, price in AGENTS:
        fields: dict[str, Any] = {"quantity": n, "unit": unit, "resource": where} | told
        made.append(line(kind, n * price * factor, **fields))
    return made


def agents_of(tmp_path: Path, lines: list[dict[str, Any]]) -> Account:
    return Account.open(
        import_bill(cur2_parquet([*lines, *beside()[-1:]], tmp_path / "bill.parquet")).snapshot
    )


@pytest.mark.parametrize("factor", [1.0, 0.8])
def test_agentcore_is_a_row_per_resource_and_part_at_the_price_that_was_billed(
    tmp_path: Path, factor: float
) -> None:
    account = agents_of(tmp_path, agents(factor))
    rows = account.snapshot.tables["services"].set_index("name")
    assert rows.loc["helper-1 AgentCore Runtime vCPU", "unit_hours"] == 20.0
    assert rows.loc["helper-1 AgentCore Runtime Memory", "unit_hours"] == 300.0
    assert rows.loc["AgentCore BrowserTool vCPU in us-east-1", "size"] == "vcpu"
    # 9,000 calls in two of 31 days are 139,500 per month of bill
    calls = rows.loc["AgentCore Gateway API-Invocations in us-east-1"]
    assert (calls["size"], calls["requests"]) == ("gateway", pytest.approx(139_500.0))
    # a generation that has another price is dollars of the bill; what is free has no row
    assert rows.loc["helper-1 AgentCore Runtime vCPU-v2", "billed_usd"] == pytest.approx(1.276 * factor)
    assert len(rows) == len(AGENTS) - 1
    by_hand = 1.79 + 2.835 + 0.179 + 0.04725 + 0.045 + 0.01 + 0.25 + 0.05 + 0.0375 + 1.276
    found = {r.component: r for r in reconcile(account, prices())}
    assert found["bedrock"].explained_usd == pytest.approx(by_hand * factor, abs=1e-6)
    assert found["bedrock"].unexplained_usd == pytest.approx(0.0, abs=1e-6)
    assert len(account.snapshot.tables["bedrock"]) == 0


def test_agentcore_without_quantities_keeps_its_dollars(tmp_path: Path) -> None:
    account = agents_of(tmp_path, agents(quantity=None))
    paid = sum(n * price for *_, n, price in AGENTS)
    assert account.snapshot.tables["services"]["billed_usd"].sum() == pytest.approx(paid)
    found = {r.component: r for r in reconcile(account, prices())}
    assert found["bedrock"].explained_usd == pytest.approx(paid, abs=1e-6)


@pytest.mark.parametrize(
    ("product", "usage_type"),
    [
        ("AmazonEC2", "USW2-BoxUsage:m5.large"),
        ("AmazonES", "USW2-ESInstance:r6g.large"),
        ("AmazonS3", "USW2-TimedStorage-ByteHrs"),
        ("AmazonFSx", "USW2-Storage.MultiAZ:SSD"),
        ("AmazonSageMaker", "USW2-Host:ml.m5.large"),
    ],
)
def test_what_is_no_service_of_ours_stays_what_it_was(product: str, usage_type: str) -> None:
    assert service_use(product, usage_type) is None
