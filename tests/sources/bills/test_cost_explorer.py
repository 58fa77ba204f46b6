"""Cost Explorer answers: the API's JSON and the console's CSV."""

import json

import pytest

from simulator.sources.bills import BillError, import_bill

CSV = (
    '"Usage type","USW2-Host:ml.g5.2xlarge($)","USW2-TimedStorage-SIA-ByteHrs($)",'
    '"Something-Else($)","Total costs($)"\n'
    '"Usage type total","72.72","1.5","0.5","74.72"\n'
    '"2026-10-01","36.36","1.5","","37.86"\n'
    '"2026-10-02","36.36","0","0.5","36.86"\n'
)


def answer(days=2, **more):
    return {
        "GroupDefinitions": [
            {"Type": "DIMENSION", "Key": "SERVICE"},
            {"Type": "DIMENSION", "Key": "USAGE_TYPE"},
        ],
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": f"2026-10-{d + 1:02d}", "End": f"2026-10-{d + 2:02d}"},
                "Total": {},
                "Groups": [
                    group("Amazon SageMaker", "USW2-Host:ml.g5.2xlarge", "36.36", "24"),
                    group("Tax", "", "1.00", "0"),
                ],
                "Estimated": False,
            }
            for d in range(days)
        ],
        **more,
    }


def group(service, usage_type, cost, quantity, **metrics):
    amounts = {
        "UnblendedCost": {"Amount": cost, "Unit": "USD"},
        "UsageQuantity": {"Amount": quantity, "Unit": "Hrs"},
        **metrics,
    }
    return {"Keys": [service, usage_type], "Metrics": amounts}


def stored(tmp_path, data):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(data))
    return path


def test_an_answer_of_the_api_gives_dollars_and_hours(tmp_path):
    imported = import_bill(stored(tmp_path, answer()))
    assert imported.report.format == "GetCostAndUsage JSON"
    assert imported.report.classified_usd == pytest.approx({"hosting": 72.72})
    assert imported.report.other_usd == pytest.approx(2.0)
    assert imported.report.amortized_usd is None
    row = imported.snapshot.tables["endpoints"].iloc[0]
    assert (row["endpoint_name"], row["instance_hours"], row["instance_count"]) == (
        "all ml.g5.2xlarge in us-west-2",
        48,
        1,
    )
    assert imported.snapshot.window_hours == 48


def test_pages_add_up_and_amortized_cost_is_read(tmp_path):
    page = answer(1)
    page["ResultsByTime"][0]["Groups"] = [
        group("Amazon S3", "X", "2", "0", AmortizedCost={"Amount": "1.5", "Unit": "USD"})
    ]
    told = import_bill(stored(tmp_path, [page, page])).report
    assert (told.unblended_usd, told.amortized_usd) == (4.0, 3.0)


def test_totals_without_groups_are_read(tmp_path):
    data = {
        "ResultsByTime": [
            {
                "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
                "Groups": [],
                "Total": {"UnblendedCost": {"Amount": "10", "Unit": "USD"}},
            }
        ]
    }
    assert import_bill(stored(tmp_path, data)).report.unblended_usd == 10.0


def test_a_page_that_is_not_the_last_and_an_estimate_are_said(tmp_path):
    data = answer(NextPageToken="abc")
    data["ResultsByTime"][0]["Estimated"] = True
    warnings = import_bill(stored(tmp_path, data)).report.warnings
    assert any("further pages are missing" in w for w in warnings)
    assert any("estimated" in w for w in warnings)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"hello": 1}, "not an answer of GetCostAndUsage"),
        ([], "no cost in the answer"),
        ({"ResultsByTime": []}, "no cost in the answer"),
        ({"ResultsByTime": [{"TimePeriod": {"Start": "x", "End": "y"}, "Groups": []}]}, "not an answer"),
        (
            {
                "ResultsByTime": [
                    {
                        "TimePeriod": {"Start": "2026-10-01", "End": "2026-10-02"},
                        "Total": {"BlendedCost": {"Amount": "1", "Unit": "USD"}},
                    }
                ]
            },
            "without UnblendedCost",
        ),
        (
            {
                "ResultsByTime": [
                    {
                        "TimePeriod": {"Start": "2026-10-01", "End": "2026-10-02"},
                        "Total": {"UnblendedCost": {"Amount": "NaN", "Unit": "USD"}},
                    }
                ]
            },
            "expected a number",
        ),
    ],
)
def test_another_json_is_refused_in_words(tmp_path, data, words):
    with pytest.raises(BillError, match=words):
        import_bill(stored(tmp_path, data))


def test_json_nested_without_end_is_refused(tmp_path):
    (tmp_path / "deep.json").write_text("[" * 200_000)
    with pytest.raises(BillError, match="not an answer"):
        import_bill(tmp_path / "deep.json")


def test_the_download_of_the_console_is_read_without_its_totals(tmp_path):
    (tmp_path / "costs.csv").write_text(CSV)
    told = import_bill(tmp_path / "costs.csv").report
    assert told.format == "Cost Explorer CSV"
    assert told.unblended_usd == pytest.approx(74.72)
    assert told.classified_usd == pytest.approx({"hosting": 72.72, "storage": 1.5})
    assert told.other_usd == pytest.approx(0.5)


def test_a_download_by_service_is_classified_by_service(tmp_path):
    (tmp_path / "costs.csv").write_text(
        '"Service","S3($)","Bedrock($)","EC2-Instances($)"\n"2026-10-01","1","2","3"\n'
    )
    told = import_bill(tmp_path / "costs.csv").report
    assert told.classified_usd == {"bedrock": 2.0, "storage": 1.0}
    assert told.other_usd == 3.0


def test_totals_that_do_not_fit_their_values_are_said(tmp_path):
    (tmp_path / "costs.csv").write_text(CSV.replace('"36.36","1.5"', '"35.36","1.5"'))
    warnings = import_bill(tmp_path / "costs.csv").report.warnings
    assert any("line 3: its values sum to $36.86, its total says $37.86" in w for w in warnings)
    assert any("sums to 71.72, the total row says 72.72" in w for w in warnings)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"36.36","0"', '"x","0"', "line 4, column USW2-Host:ml.g5.2xlarge"),
        ('"2026-10-01"', '"October"', "expected days"),
        ('"2026-10-01"', '"2026-13-01"', "expected days"),
        ('"0.5","36.86"', '"0.5"', "line 4: 4 values; expected 5"),
    ],
)
def test_a_broken_download_is_refused_with_its_place(tmp_path, old, new, words):
    (tmp_path / "costs.csv").write_text(CSV.replace(old, new))
    with pytest.raises(BillError, match=words):
        import_bill(tmp_path / "costs.csv")
