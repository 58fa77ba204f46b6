"""`prices refresh` against a local stand-in that serves files in AWS's own forms."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from simulator import PriceBook
from simulator.cli.main import main
from simulator.pricing.files import DATA
from simulator.pricing.plan_list import PLAN_OFFERS
from simulator.pricing.price_list import OFFERS
from simulator.pricing.refresh import Refreshed, refresh
from tests.price_server import PUBLISHED, PriceServer, hourly, offer, product, term

TODAY = date(2026, 11, 24)
G5, WEST, EAST = "ml.g5.2xlarge", "us-west-2", "us-east-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[PriceServer]:
    server = PriceServer()
    for name in ("AWS_ENDPOINT_URL_PRICING", "AWS_ENDPOINT_URL_SAVINGSPLANS"):
        monkeypatch.setenv(name, server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    yield server
    server.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small book: one published and one assumed price, and a tiered one."""
    (tmp_path / "prices").mkdir()
    for name in ("sources.csv", "regions.csv", "instances.csv"):
        shutil.copy(DATA / name, tmp_path)
    lines = [
        "component,item,region,tier_from,tier_to,usd,unit,per,effective_from,checked_on,grade,source,note",
        f"hosting,{G5},{WEST},,,1.515,instance_hour,1,2026-10-04,2026-10-04,api,price-list-usw2-host,",
        f"training,{G5},{WEST},,,1.515,instance_hour,1,2026-01-01,2026-01-01,assumed,rule-R1,R1",
        f"storage,STANDARD,{WEST},0,51200,0.023,gb_month,1,2025-08-28,2025-08-28,api,aws-feed-s3,",
        f"storage,STANDARD,{WEST},51200,,0.022,gb_month,1,2025-08-28,2025-08-28,api,aws-feed-s3,",
    ]
    (tmp_path / "prices" / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def sagemaker(*pairs: Any, published: str = PUBLISHED) -> dict[str, Any]:
    return offer("AmazonSageMaker", *pairs, published=published)


def run(aws: PriceServer, folder: Path, today: date = TODAY, **more: Any) -> Refreshed:
    given = {"offers": ("AmazonSageMaker",)} | more
    return refresh(given.pop("regions", [WEST]), today, url=aws.url, folder=folder, **given)


def written(folder: Path) -> list[dict[str, str]]:
    path = folder / "prices" / "refreshed.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def nothing_written(folder: Path) -> bool:
    return sorted(p.name for p in folder.rglob("*.csv")) == [
        "a.csv", "instances.csv", "regions.csv", "sources.csv",
    ] and not list(folder.rglob(".*"))  # fmt: skip


def test_prices_are_found_by_usage_type_and_appended_with_dates_and_source(
    aws: PriceServer, folder: Path
) -> None:
    aws.publish("AmazonSageMaker", WEST, sagemaker(
        hourly("A", f"USW2-Host:{G5}", WEST, "1.6000000000"),
        hourly("B", f"USW2-Train:{G5}", WEST, "1.5150000000"),
        hourly("C", "USW2-Studio:JupyterLab-ml.t3.medium", WEST, "0.0500000000"),
        hourly("D", f"USW2-AsyncInf:{G5}", WEST, "1.6"),
        hourly("E", f"USW2-TrainingPlan-{G5}", WEST, "1.1"),
        hourly("F", f"USW2-Tsform:{G5}", WEST, "0.0"),
    ))  # fmt: skip
    done = run(aws, folder)
    rows = {(r["component"], r["item"]): r for r in written(folder)}
    assert done.rows == len(rows) == 4
    host = rows["hosting", G5]
    assert (host["usd"], host["unit"], host["per"]) == ("1.6", "instance_hour", "1")
    assert (host["effective_from"], host["checked_on"], host["grade"]) == ("2026-11-01", "2026-11-24", "api")
    assert (host["source"], host["note"]) == ("price-list-AmazonSageMaker-2026-11-20", f"USW2-Host:{G5}")
    assert rows["studio", "ml.t3.medium"]["usd"] == "0.05"
    assert "2 products passed over" in done.text()
    book = PriceBook.load(TODAY, folder=folder)
    assert book.price("hosting", G5, WEST).usd == 1.6
    assert book.price("hosting", G5, WEST).source == "AWS prices, AmazonSageMaker, published 2026-11-20"
    assert book.price("training", G5, WEST).grade == "api"
    assert PriceBook.load(date(2026, 10, 31), folder=folder).price("hosting", G5, WEST).usd == 1.515


def test_the_same_refresh_twice_adds_nothing(aws: PriceServer, folder: Path) -> None:
    aws.publish("AmazonSageMaker", WEST, sagemaker(hourly("A", f"USW2-Host:{G5}", WEST, "1.6")))
    assert run(aws, folder).rows == 1
    before = (folder / "prices" / "refreshed.csv").read_bytes()
    assert run(aws, folder).rows == 0
    assert run(aws, folder, date(2026, 11, 25)).text().startswith("nothing changed")
    assert (folder / "prices" / "refreshed.csv").read_bytes() == before


def test_an_unchanged_price_is_confirmed_so_that_its_age_is_that_of_the_check(
    aws: PriceServer, folder: Path
) -> None:
    aws.publish("AmazonSageMaker", WEST, sagemaker(hourly("A", f"USW2-Host:{G5}", WEST, "1.515")))
    assert run(aws, folder).rows == 1  # last checked on 4 October, 51 days before
    price = PriceBook.load(TODAY, folder=folder).price("hosting", G5, WEST)
    assert (price.usd, price.effective_from, price.checked_on) == (1.515, "2026-11-20", "2026-11-24")


def test_a_change_is_appended_and_the_past_stays(aws: PriceServer, folder: Path) -> None:
    for day, usd, published in (("2026-11-01", "1.6", "2026-11-02"), ("2026-11-10", "1.4", "2026-11-12")):
        pair = hourly("A", f"USW2-Host:{G5}", WEST, usd, f"{day}T00:00:00Z")
        aws.publish("AmazonSageMaker", WEST, sagemaker(pair, published=f"{published}T00:00:00Z"))
        run(aws, folder, date.fromisoformat(published))
    assert [r["usd"] for r in written(folder)] == ["1.6", "1.4"]
    for on, price_usd in (("2026-10-31", 1.515), ("2026-11-09", 1.6), ("2026-11-10", 1.4)):
        assert (
            PriceBook.load(date.fromisoformat(on), folder=folder).price("hosting", G5, WEST).usd == price_usd
        )


def test_an_offer_older_than_the_book_is_refused_and_nothing_is_written(
    aws: PriceServer, folder: Path
) -> None:
    old = hourly("A", f"USW2-Host:{G5}", WEST, "1.4", "2026-09-01T00:00:00Z")
    aws.publish("AmazonSageMaker", WEST, sagemaker(old, published="2026-09-15T00:00:00Z"))
    with pytest.raises(
        ValueError, match=r"hosting/ml.g5.2xlarge in us-west-2 at 1.4, .* later price, from 2026-10-04"
    ):
        run(aws, folder)
    assert nothing_written(folder)


def test_an_offer_older_than_the_last_one_read_is_refused(aws: PriceServer, folder: Path) -> None:
    aws.publish("AmazonSageMaker", WEST, sagemaker(hourly("A", f"USW2-Host:{G5}", WEST, "1.6")))
    run(aws, folder)
    before = (folder / "prices" / "refreshed.csv").read_bytes()
    late = hourly("A", f"USW2-Host:{G5}", WEST, "1.3", "2026-11-10T00:00:00Z")
    aws.publish("AmazonSageMaker", WEST, sagemaker(late, published="2026-11-15T00:00:00Z"))
    with pytest.raises(
        ValueError, match="published on 2026-11-15, but the book already holds the offer of 2026-11-20"
    ):
        run(aws, folder)
    assert (folder / "prices" / "refreshed.csv").read_bytes() == before


def test_an_offer_from_the_future_is_refused(aws: PriceServer, folder: Path) -> None:
    pair = hourly("A", f"USW2-Host:{G5}", WEST, "1.6")
    aws.publish("AmazonSageMaker", WEST, sagemaker(pair, published="2027-01-01T00:00:00Z"))
    with pytest.raises(ValueError, match="after today"):
        run(aws, folder)
    assert nothing_written(folder)


GOOD = hourly("A", f"USW2-Host:{G5}", WEST, "1.6")
NO_TERMS = {k: v for k, v in offer("AmazonSageMaker", GOOD).items() if k != "terms"}
BAD_PRICE = offer("AmazonSageMaker", hourly("A", f"USW2-Host:{G5}", WEST, "cheap"))
NO_DATE = offer("AmazonSageMaker", GOOD) | {"publicationDate": None}
NO_TYPE = offer("AmazonSageMaker", (GOOD[0] | {"attributes": {}}, GOOD[1]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"formatVersion": "v1.0", "products": {"A"', "not a complete JSON document"),
        (b"<html>Service Unavailable</html>", "not a complete JSON document"),
        ([], "has no 'products'"),
        (NO_TERMS, "not a complete AWS offer file: it has no 'terms.OnDemand'"),
        (BAD_PRICE, "product A: not in the form of an AWS offer: .*cheap"),
        (NO_DATE, "publicationDate: expected a date, not None"),
        (NO_TYPE, "product A: not in the form of an AWS offer: .*usagetype"),
        (offer("AmazonEC2", GOOD), "expected the offer AmazonSageMaker, not 'AmazonEC2'"),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_written(
    aws: PriceServer, folder: Path, data: Any, words: str
) -> None:
    aws.publish("AmazonSageMaker", EAST, sagemaker(hourly("A", f"USE1-Host:{G5}", EAST, "1.6")))
    aws.publish("AmazonSageMaker", WEST, data)
    with pytest.raises(ValueError, match=words):
        run(aws, folder, regions=[EAST, WEST])
    assert nothing_written(folder)


def test_a_connection_cut_in_the_middle_writes_nothing(aws: PriceServer, folder: Path) -> None:
    aws.publish("AmazonSageMaker", WEST, sagemaker(GOOD))
    aws.cut_short = set(aws.files) - {"/offers/v1.0/aws/AmazonSageMaker/current/region_index.json"}
    with pytest.raises(ValueError, match=r"us-west-2/index.json: .*nothing was written"):
        run(aws, folder)
    assert nothing_written(folder)


def test_a_missing_index_is_named(aws: PriceServer, folder: Path) -> None:
    with pytest.raises(ValueError, match=r"AmazonS3/current/region_index.json: could not be read: .*404"):
        run(aws, folder, offers=("AmazonS3",))


def test_a_product_listed_twice_at_one_price_is_one_row_and_at_two_prices_left_out(
    aws: PriceServer, folder: Path
) -> None:
    aws.publish("AmazonSageMaker", WEST, sagemaker(
        hourly("A", "USW2-Studio:JupyterLab-ml.t3.medium", WEST, "0.05"),
        hourly("B", "USW2-Studio:KernelGateway-ml.t3.medium", WEST, "0.05"),
        hourly("C", "USW2-Studio:JupyterLab-ml.t3.large", WEST, "0.10"),
        hourly("D", "USW2-Studio:KernelGateway-ml.t3.large", WEST, "0.11"),
    ))  # fmt: skip
    done = run(aws, folder)
    assert [r["item"] for r in written(folder)] == ["ml.t3.medium"]
    assert len(done.left_out) == 1
    assert "studio/ml.t3.large in us-west-2: two prices in the offer" in done.left_out[0]


def test_serverless_memory_is_priced_per_gb_second(aws: PriceServer, folder: Path) -> None:
    pair = (
        product("A", "USW2-ServerlessInf:Mem-3GB", WEST, "ML Serverless"),
        term("A", [("0", "Inf", "0.0000600000")], "Seconds"),
    )
    aws.publish("AmazonSageMaker", WEST, sagemaker(pair))
    run(aws, folder)
    assert PriceBook.load(TODAY, folder=folder).price(
        "serverless_inference", "gb_second", WEST
    ).usd == pytest.approx(2e-5)


def test_storage_tiers_and_requests_come_with_their_bounds_and_units(aws: PriceServer, folder: Path) -> None:
    tiers = [("0", "51200", "0.0200"), ("51200", "Inf", "0.0190")]
    aws.publish("AmazonS3", WEST, offer(
        "AmazonS3",
        (product("A", "USW2-TimedStorage-ByteHrs", WEST, "Storage"), term("A", tiers, "GB-Mo")),
        (product("B", "USW2-Requests-Tier1", WEST), term("B", [("0", "Inf", "0.0000050000")], "Requests")),
        (product("C", "USW2-DataTransfer-Out-Bytes", WEST, "Data Transfer"), term("C", [("0", "Inf", "0.09")], "GB")),
    ))  # fmt: skip
    run(aws, folder, offers=("AmazonS3",))
    book = PriceBook.load(TODAY, folder=folder)
    bounds, usd = book.table("storage", ("STANDARD",), (WEST,)).tiers[0, 0]
    assert (bounds.tolist(), usd.tolist()) == ([0.0, 51200.0], [0.02, 0.019])
    assert book.price("storage_put", "STANDARD", WEST).usd == pytest.approx(5e-6)
    assert len(written(folder)) == 3


def test_tiers_of_another_shape_are_left_out_and_said(aws: PriceServer, folder: Path) -> None:
    pair = (product("A", "USW2-TimedStorage-ByteHrs", WEST), term("A", [("0", "Inf", "0.02")], "GB-Mo"))
    aws.publish("AmazonS3", WEST, offer("AmazonS3", pair))
    done = run(aws, folder, offers=("AmazonS3",))
    assert done.rows == 0
    assert done.left_out == ["storage/STANDARD in us-west-2: its tiers changed; enter it by hand"]


def test_bedrock_tokens_are_priced_under_the_model_id(aws: PriceServer, folder: Path) -> None:
    pair = (
        product("A", "USW2-Llama3-1-70B-input-tokens", WEST, "Amazon Bedrock", servicename="Amazon Bedrock"),
        term("A", [("0", "Inf", "0.0007200000")], "1K tokens"),
    )
    aws.publish("AmazonBedrock", WEST, offer("AmazonBedrock", pair))
    run(aws, folder, offers=("AmazonBedrock",))
    book = PriceBook.load(TODAY, folder=folder)
    assert book.price("bedrock_input", "meta.llama3-1-70b-instruct-v1:0", WEST).usd == pytest.approx(0.72e-6)


def test_get_products_gives_the_same_rows_as_the_offer_file(aws: PriceServer, folder: Path) -> None:
    pages = []
    for sku, usage_type, more in (
        ("A", f"USW2-Host:{G5}", {"NextToken": "2"}),
        ("B", f"USW2-Train:{G5}", {}),
    ):
        one, terms = hourly(sku, usage_type, WEST, "1.6")
        listed = {"product": one, "serviceCode": "AmazonSageMaker", "terms": {"OnDemand": terms}}
        listed |= {"version": "20261120172311", "publicationDate": PUBLISHED}
        pages.append({"FormatVersion": "aws_v1", "PriceList": [json.dumps(listed)]} | more)
    aws.calls["GetProducts"] = pages
    assert run(aws, folder, through_api=True).rows == 2
    assert {(r["component"], r["usd"]) for r in written(folder)} == {("hosting", "1.6"), ("training", "1.6")}


def rate(usage_type: str, usd: str, payment: str = "No Upfront", seconds: int = 31_536_000) -> dict[str, Any]:
    return {
        "savingsPlanOffering": {
            "offeringId": "o", "paymentOption": payment, "planType": "SageMaker", "durationSeconds": seconds,
            "currency": "USD",
        },
        "rate": usd, "unit": "Hrs", "productType": "SageMaker", "serviceCode": "AmazonSageMaker",
        "usageType": usage_type, "operation": "RunInstance", "properties": [{"name": "region", "value": WEST}],
    }  # fmt: skip


def test_savings_plan_rates_are_read_page_by_page(aws: PriceServer, folder: Path) -> None:
    aws.calls["DescribeSavingsPlansOfferingRates"] = [
        {"searchResults": [rate(f"USW2-Host:{G5}", "1.212")], "nextToken": "more"},
        {"searchResults": [rate(f"USW2-Train:{G5}", "0.757", "All Upfront", 94_608_000)]},
    ]
    run(aws, folder, offers=(), through_api=True, savings_plans=True)
    book = PriceBook.load(TODAY, folder=folder)
    assert book.price("savings_plan", f"hosting:{G5}#1y_no_upfront", WEST).usd == 1.212
    assert book.price("savings_plan", f"training:{G5}#3y_all_upfront", WEST).usd == 0.757


def test_the_command_reports_and_an_unknown_region_is_refused(
    aws: PriceServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.publish("AmazonSageMaker", WEST, sagemaker(GOOD, published="2026-10-20T00:00:00Z"))
    command = [
        "prices",
        "refresh",
        "--offer",
        "AmazonSageMaker",
        "--folder",
        str(folder),
        "--price-list-url",
        aws.url,
    ]
    assert main([*command, "--region", WEST]) == 0
    assert "1 rows appended" in capsys.readouterr().out
    assert main([*command, "--region", "us-wset-2"]) == 2
    assert "us-wset-2: expected a region" in capsys.readouterr().err


def plans(payment: str, usd: str, usage_type: str, service: str = "AmazonSageMaker") -> dict[str, Any]:
    """A Savings Plan offer file in AWS's form."""
    found = {
        "discountedSku": "D", "discountedUsageType": usage_type, "discountedOperation": "RunInstance",
        "discountedServiceCode": service, "rateCode": "P.D", "unit": "Hrs",
        "discountedRate": {"price": usd, "currency": "USD"},
    }  # fmt: skip
    attributes = {"purchaseOption": payment, "granularity": "hourly", "purchaseTerm": "1yr", "location": WEST}
    term = {
        "sku": "P", "description": "1 year", "effectiveDate": "2026-11-01T00:00:00Z",
        "leaseContractLength": {"duration": 1, "unit": "year"}, "rates": [found],
    }  # fmt: skip
    return {
        "version": "20261120172311", "publicationDate": PUBLISHED, "regionCode": WEST,
        "products": [{"sku": "P", "productFamily": "MachineLearningSavingsPlans", "attributes": attributes}],
        "terms": {"savingsPlan": [term]},
    }  # fmt: skip


def publish_plans(aws: PriceServer, data: dict[str, Any]) -> None:
    base = "/savingsPlan/v1.0/aws/AWSMachineLearningSavingsPlans"
    path = f"{base}/20261120172311/{WEST}/index.json"
    other = "/savingsPlan/v1.0/aws/AWSComputeSavingsPlan/current/region_index.json"
    aws.files.setdefault(other, {"publicationDate": PUBLISHED, "regions": []})
    regions = [{"regionCode": WEST, "versionUrl": path}]
    aws.files[f"{base}/current/region_index.json"] = {"publicationDate": PUBLISHED, "regions": regions}
    aws.files[path] = data


def test_savings_plan_rates_come_from_the_bulk_file_of_the_region(aws: PriceServer, folder: Path) -> None:
    publish_plans(aws, plans("Partial Upfront", "1.2", f"USW2-Host:{G5}"))
    run(aws, folder, offers=(), savings_plans=True)
    book = PriceBook.load(TODAY, folder=folder)
    assert book.price("savings_plan", f"hosting:{G5}#1y_partial_upfront", WEST).usd == 1.2


def test_rates_of_a_plan_for_another_service_are_passed_over(aws: PriceServer, folder: Path) -> None:
    publish_plans(aws, plans("No Upfront", "1.2", f"USW2-Host:{G5}", service="AmazonEC2"))
    assert run(aws, folder, offers=(), savings_plans=True).rows == 0


def test_prices_go_to_the_users_folder_and_are_read_beside_the_shipped_ones(
    aws: PriceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATOR_PRICES", str(tmp_path / "mine"))
    aws.publish("AmazonSageMaker", WEST, sagemaker(hourly("A", f"USW2-Host:{G5}", WEST, "1.6")))
    shipped = {f: f.stat().st_mtime_ns for f in DATA.rglob("*.csv")}
    done = refresh([WEST], TODAY, offers=("AmazonSageMaker",), url=aws.url)
    assert (done.rows, {f: f.stat().st_mtime_ns for f in DATA.rglob("*.csv")}) == (1, shipped)
    assert [r["usd"] for r in written(tmp_path / "mine")] == ["1.6"]
    price = PriceBook.load(TODAY).price("hosting", G5, WEST)
    assert (price.usd, price.source) == (1.6, "AWS prices, AmazonSageMaker, published 2026-11-20")
    assert refresh([WEST], TODAY, offers=("AmazonSageMaker",), url=aws.url).rows == 0


def test_a_refresh_that_broke_off_reads_again_only_what_it_lacks(aws: PriceServer, folder: Path) -> None:
    aws.publish("AmazonSageMaker", EAST, sagemaker(hourly("A", f"USE1-Host:{G5}", EAST, "1.6")))
    aws.publish("AmazonSageMaker", WEST, sagemaker(GOOD))
    east, west = (f"/offers/v1.0/aws/AmazonSageMaker/20261120172311/{r}/index.json" for r in (EAST, WEST))
    aws.cut_short = {west}
    with pytest.raises(ValueError, match="nothing was written"):
        run(aws, folder, regions=[EAST, WEST])
    assert nothing_written(folder)
    aws.cut_short = set()
    del aws.files[east]
    assert run(aws, folder, regions=[EAST, WEST]).rows == 2
    assert not (folder / "downloads").exists()


def test_every_file_read_is_told(aws: PriceServer, folder: Path) -> None:
    told: list[tuple[int, int, str]] = []
    for region in (EAST, WEST):
        aws.publish("AmazonSageMaker", region, sagemaker(hourly("A", f"USW2-Host:{G5}", WEST, "1.6")))
    run(aws, folder, regions=[EAST, WEST], progress=lambda *of: told.append(of))
    assert told == [(1, 2, f"AmazonSageMaker {EAST}"), (2, 2, f"AmazonSageMaker {WEST}")]


EC2_COLUMNS = (
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange", "EndingRange",
    "Unit", "PricePerUnit", "Currency", "LeaseContractLength", "PurchaseOption", "Product Family", "serviceCode",
    "Location", "Instance Type", "Tenancy", "Operating System", "usageType", "operation", "CapacityStatus",
    "Pre Installed S/W", "Region Code",
)  # fmt: skip
P4D = {
    "SKU": "X", "TermType": "OnDemand", "EffectiveDate": "2026-11-01", "StartingRange": "0", "EndingRange": "Inf",
    "Unit": "Hrs", "PricePerUnit": "21.9576", "Currency": "USD", "serviceCode": "AmazonEC2", "Tenancy": "Shared",
    "Operating System": "Linux", "usageType": "USW2-BoxUsage:p4d.24xlarge", "operation": "RunInstances",
    "CapacityStatus": "Used", "Pre Installed S/W": "NA", "Region Code": WEST, "Instance Type": "p4d.24xlarge",
}  # fmt: skip


def ec2_file(*rows: dict[str, str], code: str = "AmazonEC2") -> bytes:
    """An EC2 offer file as CSV: five lines of metadata, a header, a line per price."""
    lines = [
        ("FormatVersion", "v1.0"), ("Disclaimer", "This pricing list is for informational purposes only"),
        ("Publication Date", PUBLISHED), ("Version", "20261120172311"), ("OfferCode", code), EC2_COLUMNS,
        *(tuple({**P4D, **row}.get(c, "") for c in EC2_COLUMNS) for row in rows),
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def publish_ec2(aws: PriceServer, data: bytes) -> str:
    aws.publish("AmazonEC2", WEST, None)
    at = f"/offers/v1.0/aws/AmazonEC2/20261120172311/{WEST}/index.csv"
    aws.files[at] = data
    return at


def test_ec2_is_read_as_csv_and_only_linux_on_demand_hours_of_accelerators_count(
    aws: PriceServer, folder: Path
) -> None:
    publish_ec2(
        aws,
        ec2_file(
            {}, {"Operating System": "Windows", "PricePerUnit": "99"}, {"Tenancy": "Dedicated", "PricePerUnit": "98"},
            {"TermType": "Reserved", "PricePerUnit": "9"}, {"CapacityStatus": "UnusedCapacityReservation"},
            {"usageType": "USW2-BoxUsage:m5.large", "PricePerUnit": "0.096"}, {"PricePerUnit": "0.0000000000"},
            {"Pre Installed S/W": "SQL Std"},
        ),
    )  # fmt: skip
    assert run(aws, folder, offers=("AmazonEC2",)).rows == 1
    assert PriceBook.load(TODAY, folder=folder).price("ec2", "ml.p4d.24xlarge", WEST).usd == 21.9576


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ec2_file({})[:-40], "line 7 is cut short|not complete"),
        (ec2_file({}, code="AmazonRDS"), "not the offer AmazonEC2"),
        (ec2_file({"PricePerUnit": "dear"}), "line 7: expected a price, not 'dear'"),
        (b"\x00\xff", "not the offer|decode|NUL"),
    ],
)
def test_a_broken_ec2_file_is_named_and_nothing_is_written(
    aws: PriceServer, folder: Path, data: bytes, words: str
) -> None:
    publish_ec2(aws, data)
    with pytest.raises(ValueError, match=words):
        run(aws, folder, offers=("AmazonEC2",))
    assert nothing_written(folder)


def test_a_file_that_is_no_offer_is_asked_for_again(aws: PriceServer, folder: Path) -> None:
    publish_ec2(aws, ec2_file({}, code="AmazonRDS"))
    with pytest.raises(ValueError, match="not the offer"):
        run(aws, folder, offers=("AmazonEC2",))
    publish_ec2(aws, ec2_file({}))
    assert run(aws, folder, offers=("AmazonEC2",)).rows == 1


def test_an_ec2_file_that_breaks_off_is_no_file(aws: PriceServer, folder: Path) -> None:
    aws.cut_short = {publish_ec2(aws, ec2_file({}))}
    with pytest.raises(ValueError, match="not complete"):
        run(aws, folder, offers=("AmazonEC2",))


SERVICES = (
    ("AmazonES", "USW2-IndexingOCU", "OCU-Hours", "0.24", ("vector_store", "opensearch_ocu")),
    ("AmazonEFS", "USW2-TimedStorage-ByteHrs", "GB-Mo", "0.3", ("file_system", "efs")),
    ("AmazonFSx", "USW2-Storage.SSD.125", "GB-Mo", "0.145", ("file_system", "fsx_PERSISTENT_2-125")),
    ("AmazonS3", "USW2-Vectors-TimedStorage-ByteHrs", "GB-Mo", "0.06", ("vector_store", "s3_vectors")),
)  # fmt: skip


@pytest.mark.parametrize(("code", "usage_type", "unit", "usd", "key"), SERVICES)
def test_services_beside_the_models_are_priced_by_their_usage_types(
    aws: PriceServer, folder: Path, code: str, usage_type: str, unit: str, usd: str, key: tuple[str, str]
) -> None:
    pair = (product("A", usage_type, WEST, "Storage"), term("A", [("0", "Inf", usd)], unit))
    aws.publish(code, WEST, offer(code, pair))
    run(aws, folder, offers=(code,))
    (row,) = written(folder)
    assert (row["component"], row["item"].lower(), row["usd"]) == (key[0], key[1].lower(), usd)


def test_a_service_in_another_unit_is_passed_over(aws: PriceServer, folder: Path) -> None:
    pair = (
        product("A", "USW2-TimedStorage-ByteHrs", WEST, "Storage"),
        term("A", [("0", "Inf", "3")], "Requests"),
    )
    aws.publish("AmazonEFS", WEST, offer("AmazonEFS", pair))
    assert run(aws, folder, offers=("AmazonEFS",)).rows == 0


def test_compute_savings_plans_rate_accelerators_on_ec2_and_never_sagemaker(
    aws: PriceServer, folder: Path
) -> None:
    publish_plans(aws, plans("No Upfront", "1.2", f"USW2-Host:{G5}"))
    base = "/savingsPlan/v1.0/aws/AWSComputeSavingsPlan"
    path = f"{base}/20261120172311/{WEST}/index.json"
    rates = plans("No Upfront", "15.1", "USW2-BoxUsage:p4d.24xlarge", service="AmazonEC2")
    rates["terms"]["savingsPlan"][0]["rates"][0]["discountedOperation"] = "RunInstances"
    aws.files[f"{base}/current/region_index.json"] = {
        "publicationDate": PUBLISHED, "regions": [{"regionCode": WEST, "versionUrl": path}],
    }  # fmt: skip
    aws.files[path] = rates
    assert run(aws, folder, offers=(), savings_plans=True).rows == 2
    book = PriceBook.load(TODAY, folder=folder)
    assert book.price("compute_savings_plan", "ec2:ml.p4d.24xlarge#1y_no_upfront", WEST).usd == 15.1
    assert book.plan_offers() == {"1y_no_upfront"}
    assert book.plan_rates("ec2", ("ml.p4d.24xlarge",), (WEST,)) == {}


def test_every_offer_that_the_product_prices_is_read() -> None:
    assert {"AmazonSageMaker", "AmazonS3", "AmazonEC2", "AmazonES", "AmazonEFS", "AmazonFSx"} < set(OFFERS)
    assert {"AmazonBedrock", "AmazonBedrockService", "AmazonBedrockFoundationModels"} < set(OFFERS)
    assert PLAN_OFFERS == ("AWSMachineLearningSavingsPlans", "AWSComputeSavingsPlan")
