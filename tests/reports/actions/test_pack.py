"""The pack as a whole: what is in it, that AWS would take it, and that foreign names never become code."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from simulator import Account, PriceBook, Scenario, simulate
from simulator.cli.main import main
from simulator.engine.scenario import everything, load_scenario
from simulator.engine.simulate import Result
from simulator.levers import all_levers
from simulator.levers.lever import Lever
from simulator.pricing.files import OwnText
from simulator.reports.actions import action_files, action_pack, chosen_actions, makers
from simulator.reports.actions.action import Action, Chosen
from simulator.reports.actions.template import template
from simulator.reports.tables import lever_table
from simulator.snapshot.snapshot import Snapshot
from tests.accounts import PRICES, prices, sample_account, snapshot_with, traffic
from tests.reports.actions.strict import problems

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "simulator" / "reports" / "actions" / "templates"
PLANS = ("ambitious", "report_plan", "everything")


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    """Each plan on both samples."""
    plans = {p: everything() if p == "everything" else load_scenario(p) for p in PLANS}
    samples = {s: sample_account(s) for s in ("team", "report")}
    return {f"{s} {p}": simulate(a, plan, prices()) for s, a in samples.items() for p, plan in plans.items()}


@pytest.fixture(scope="module")
def team(results: dict[str, Result]) -> Result:
    return results["team ambitious"]


@pytest.fixture(scope="module")
def files(team: Result) -> dict[str, str]:
    return action_files(team)


def test_every_lever_has_an_action():
    own = {i for i, kind in all_levers().items() if kind.action is not Lever.action}
    assert set(all_levers()) - own - set(makers()) - {"savings_plan"} == set()


def test_every_request_is_one_that_aws_takes(results):
    made = [(k, r) for k, result in results.items() for a in chosen_actions(result) for r in a.requests]
    assert len(made) > 100
    wrong = {f"{k}: {r.operation}": problems(r.service, r.operation, dict(r.parameters)) for k, r in made}
    assert {k: v for k, v in wrong.items() if v} == {}


SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
MILLIONS = {"input_tokens": 720e6, "output_tokens": 72e6}
STORE = {
    "kind": "opensearch_serverless",
    "name": "kb-docs",
    "region": "us-east-1",
    "unit_hours": 1440,
    "gib": 10,
}
BESIDE = {
    "vector_store_to_s3": {**STORE, "hybrid_search": False},
    "vector_store_without_standby": {**STORE, "standby_replicas": True, "production": False},
    "unused_services": {**STORE, "requests": 0},
    "idle_services": {"kind": "mlflow", "size": "Small", "name": "runs", "region": "us-east-1", "unit_hours": 720,
                      "idle_hours": 600},
    "file_system_lifecycle": {"kind": "efs", "name": "fs-0123456789abcdef0", "region": "us-east-1", "gib": 900,
                              "gib_not_accessed_30d": 800},
    "log_retention": {"kind": "logs", "name": "/aws/sagemaker/TrainingJobs", "region": "us-east-1", "gib": 500,
                      "retention_days": 0, "created_at": "2025-01-01T00:00:00Z"},
}  # fmt: skip
NODES = {
    "kind": "ec2",
    "name": "nodes",
    "instance_type": "ml.p4d.24xlarge",
    "instance_count": 2,
    "hours": 720,
}
NOVA = {"model_id": "amazon.nova-pro-v1:0", "requests": 72_000, "input_tokens": 720e6, "output_tokens": 72e6}
STATED = """component,item,region,usd,unit
capacity_block,ml.p4d.24xlarge,us-east-1,11.8,instance_hour
inference_plan,ml.p5.48xlarge,us-west-2,40,instance_hour
feature_store,read_request,us-east-1,0.00000025,request
feature_store,write_request,us-east-1,0.00000125,request
feature_store,read_capacity,us-east-1,0.00013,hour
feature_store,write_capacity,us-east-1,0.00065,hour
compute_savings_plan,ec2:ml.p4d.24xlarge#1y_no_upfront,us-east-1,14,instance_hour
bedrock_prompt_router,request,*,0.001,request
bedrock_training,amazon.nova-lite-v1:0,us-east-1,0.000002,token
bedrock_reserved_input,anthropic.claude-sonnet-4-5-20250929-v1:0,us-east-1,100,ktpm_month
bedrock_reserved_output,anthropic.claude-sonnet-4-5-20250929-v1:0,us-east-1,500,ktpm_month
"""


def seldom() -> dict[str, Snapshot]:
    """Accounts for levers that neither sample has a resource for."""
    return {
        "capacity_block": snapshot_with(compute=[NODES]),
        "ec2_savings_plan": snapshot_with(compute=[NODES]),
        "ec2_to_sagemaker": snapshot_with(compute=[NODES | {"idle_hours": 600}]),
        "accelerator_rightsize": snapshot_with(
            compute=[
                NODES
                | {"instance_type": "ml.g5.48xlarge", "gpu_utilization_ratio": 0.3, "gpu_memory_ratio": 0.3}
            ]
        ),
        "prompt_routing": snapshot_with(bedrock=[NOVA]),
        "custom_model_import": snapshot_with(
            endpoints=[{"endpoint_name": "own", "model_gib": 16, "latency_ms": 1000, "import_ok": True}],
            endpoint_traffic=traffic("own", [1.0] + [0.0] * 719),
        ),
        "distillation": snapshot_with(bedrock=[NOVA]),
        "reserved_tier": snapshot_with(
            bedrock=[{"model_id": SONNET, "requests": 1e7, "input_tokens": 72e9, "output_tokens": 7.2e9}]
        ),
        **{name: snapshot_with(services=[row]) for name, row in BESIDE.items()},
        "scale_to_zero": snapshot_with(
            endpoints=[{"endpoint_name": "nights", "mode": "components", "instance_count": 2}],
            endpoint_traffic=traffic("nights", ([0.0] * 12 + [10.0] * 12) * 30),
        ),
        "runtime_cap": snapshot_with(
            training_jobs=[{"status": "Stopped", "training_seconds": 200_000, "billable_seconds": 200_000}]
        ),
        "provisioned_throughput": snapshot_with(
            bedrock=[
                {
                    "model_id": "anthropic.claude-instant-v1",
                    "requests": 1e6,
                    "input_tokens": 9e9,
                    "output_tokens": 1e9,
                }
            ]
        ),
        "model_upgrade": snapshot_with(
            bedrock=[{"model_id": "anthropic.claude-3-haiku-20240307-v1:0", **MILLIONS, "requests": 1e5}]
        ),
        "cache_off": snapshot_with(
            bedrock=[{"model_id": SONNET, **MILLIONS, "cache_write_tokens": 72e6, "cache_read_tokens": 7.2e6}]
        ),
        "prompts_below_threshold": snapshot_with(
            bedrock=[{"model_id": SONNET, "input_tokens": 30e6, "output_tokens": 1e5, "requests": 120}]
        ),
        "to_bedrock": snapshot_with(
            endpoints=[
                {
                    "endpoint_name": "a",
                    "model_name": "gpt-oss-20b",
                    "tokens_in_per_call": 1500,
                    "tokens_out_per_call": 300,
                }
            ],
            endpoint_traffic=traffic("a", [10.0] * 720),
        ),
        "small_objects_to_standard": snapshot_with(
            storage=[
                {
                    "bucket": "a",
                    "storage_class": "STANDARD_IA",
                    "gib": 62.5,
                    "objects": 819_210,
                    "small_objects": 819_200,
                    "small_gib": 12.5,
                }
            ]
        ),
        "inference_reservation": snapshot_with(
            endpoints=[{"instance_type": "ml.p5.48xlarge", "instance_count": 2, "region": "us-west-2"}]
        ),
        "feature_store_throughput": snapshot_with(
            services=[
                {
                    "kind": "feature_store",
                    "name": "f",
                    "region": "us-east-1",
                    "read_units": 1e8,
                    "write_units": 1e7,
                }
            ]
        ),
        **dict.fromkeys(
            (
                "accelerator_idle",
                "accelerator_schedule",
                "accelerator_spot",
                "accelerator_to_bedrock",
                "training_plan",
            ),
            snapshot_with(
                compute=[
                    {
                        "kind": kind,
                        "name": kind,
                        "instance_type": "ml.p5.48xlarge",
                        "instance_count": 4,
                        "hours": 720,
                        "idle_hours": 180,
                        "out_of_hours_hours": 300,
                        "spot_enabled": False,
                        "checkpointing": True,
                    }
                    for kind in ("cluster", "ec2")
                ]
            ),
        ),
    }


TO_STATE = {"accelerator_to_bedrock": {"input_million_tokens": 100.0, "output_million_tokens": 10.0}}
"""Parameters that stand for facts: without them the lever asks."""


def test_each_lever_alone_gives_an_action_whose_requests_aws_takes():
    samples = [sample_account(s) for s in ("team", "report")]
    book, silent, apart = PriceBook.load(PRICES, own=OwnText(STATED)), [], seldom()
    for lever_id, lever in all_levers().items():
        accounts = [Account.open(apart[lever_id])] if lever_id in apart else samples
        setting = lever.create(TO_STATE.get(lever_id, {}))
        made = [_own_action(simulate(a, Scenario((setting,)), book), lever_id) for a in accounts]
        if not any(made):
            silent.append(lever_id)
        for request in (r for action in made if action for r in action.requests):
            assert problems(request.service, request.operation, dict(request.parameters)) == [], lever_id
    assert silent == []


def _own_action(result: Result, lever_id: str) -> Action | None:
    """The lever's action, where it changes something; standing rules do not count."""
    acts = (
        any(s.lever.table and len(Chosen(result, s).rows) for s in result.steps) or lever_id == "savings_plan"
    )
    return next((a for a in chosen_actions(result) if a.lever_id == lever_id), None) if acts else None


def test_targets_hold_requests_that_aws_takes(results):
    seen = 0
    for result in results.values():
        for action in chosen_actions(result):
            for t in action.targets:
                if "scalable_target" in t:
                    seen += 1
                    assert (
                        problems("application-autoscaling", "RegisterScalableTarget", t["scalable_target"])
                        == []
                    )
                    assert problems("application-autoscaling", "PutScalingPolicy", t["scaling_policy"]) == []
                if "rules" in t and action.script == "bucket_rules":
                    seen += 1
                    call = {"Bucket": t["name"], "LifecycleConfiguration": {"Rules": t["rules"]}}
                    assert problems("s3", "PutBucketLifecycleConfiguration", call) == []
                if action.script == "functions":
                    seen += 1
                    assert len(t["role_name"]) <= 64
                    for rule in t["rules"]:
                        assert len(rule["inputs"]) <= 5
                        assert all(len(json.dumps(i)) <= 8192 for i in rule["inputs"])
                        assert (
                            problems(
                                "events",
                                "PutRule",
                                {"Name": rule["name"], "ScheduleExpression": rule["schedule"]},
                            )
                            == []
                        )
    assert seen > 10


@pytest.mark.thorough
def test_the_template_passes_cfn_lint(results, tmp_path):
    for number, result in enumerate((results["team everything"], results["report report_plan"])):
        actions = chosen_actions(result)
        regions = list(
            dict.fromkeys(r["region"] for a in actions for r in a.resources.values() if r["region"])
        )
        (tmp_path / f"{number}.json").write_text(template(actions, regions)[0])
    lint = Path(sys.executable).with_name("cfn-lint")
    if not lint.exists():
        pytest.skip("cfn-lint is not installed beside this Python: pip install -r requirements-dev.txt")
    paths = map(str, sorted(tmp_path.glob("*.json")))
    run = subprocess.run([str(lint), *paths], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_template_holds_monitoring_governance_and_scaling(files):
    kinds = {r["Type"] for r in json.loads(files["cloudformation/template.json"])["Resources"].values()}
    assert {
        "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::Budgets::Budget", "AWS::CE::AnomalyMonitor",
        "AWS::CE::AnomalySubscription", "AWS::Events::Rule", "AWS::Lambda::Function", "AWS::IAM::Role",
        "AWS::IAM::ManagedPolicy",
        "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy",
    } <= kinds  # fmt: skip


def test_every_resource_of_the_template_belongs_to_one_region(files):
    body = json.loads(files["cloudformation/template.json"])
    assert all(r["Condition"] in body["Conditions"] for r in body["Resources"].values())


def test_a_template_of_too_many_resources_is_cut_whole_and_says_so():
    resources = {
        f"Topic{i}": {"Type": "AWS::SNS::Topic", "Properties": {}, "region": "us-east-1"} for i in range(501)
    }
    link = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {"AlarmActions": [{"Ref": "Topic500"}]},
        "region": "us-east-1",
    }
    text, left_out = template([Action("x", (), "", resources={"Alarm": link, **resources})], ["us-east-1"])
    kept = json.loads(text)["Resources"]
    assert "Alarm" not in kept
    assert (len(kept), left_out) == (499, 3)


def test_inline_functions_fit_the_template(files):
    for name in ("auto_shutdown", "office_hours"):
        assert len(files[f"scripts/functions/{name}.py"]) <= 4096


def test_scripts_are_the_templates_byte_for_byte(files):
    scripts = {p: t for p, t in files.items() if p.startswith("scripts/") and p.endswith(".py")}
    assert len(scripts) > 10
    for path, text in scripts.items():
        place = path if "functions/" not in path else path.removeprefix("scripts/")
        assert text == (TEMPLATES / f"{place}.txt").read_text(encoding="utf-8")
        compile(text, path, "exec")


def test_each_script_has_the_targets_its_actions_name(files):
    for path in files:
        if re.fullmatch(r"scripts/(?!changes)\w+\.py", path):
            targets = json.loads(files[path.replace(".py", ".json")])["targets"]
            assert targets
            assert all(t["name"] and t["region"] and t["levers"] for t in targets)


def test_the_readme_adds_up_to_the_saving(team, files):
    attributed = lever_table(team)["saving_attributed_usd"].sum()
    column = [line.split("|")[5].strip() for line in files["README.md"].splitlines() if line.startswith("| ")]
    numbers = [float(c.replace(",", "")) for c in column if re.fullmatch(r"-?[\d,]+\.\d\d", c)]
    assert sum(numbers) == pytest.approx(attributed, abs=0.005)
    assert f"**{attributed:,.2f}**" in files["README.md"]


def test_the_readme_gives_order_effort_undo_and_a_command_for_each_action(team, files):
    text = files["README.md"]
    for action in chosen_actions(team):
        assert action.undo in text
        assert all(step in text for step in action.steps)
        if action.script:
            assert f"python scripts/{action.script}.py --lever {action.lever_id} --apply" in text
    stages = [
        all_levers()[s.lever.id].stage for s in team.steps if s.lever.table and len(Chosen(team, s).rows)
    ]
    order = [all_levers()[a.lever_id].stage for a in chosen_actions(team)[: len(stages)]]
    assert order == stages == sorted(stages)


def test_every_command_names_a_file_of_the_pack(files):
    named = re.findall(r"file://(\S+)", files["README.md"])
    assert len(named) > 50
    assert set(named) <= set(files)


def test_the_same_plan_gives_the_same_bytes(results):
    result = results["report report_plan"]
    assert action_pack(result) == action_pack(result)


def test_the_archive_holds_only_plain_paths_and_no_path_of_a_machine(results):
    with zipfile.ZipFile(io.BytesIO(action_pack(results["report ambitious"]))) as archive:
        for name in archive.namelist():
            assert re.fullmatch(r"actions/[\w./-]+", name)
            assert ".." not in name
            assert str(ROOT) not in archive.read(name).decode()


HOSTILE = "x'); import os #\n`rm -rf $HOME` | <script>"


def test_foreign_names_stay_data():
    rows = [{"endpoint_name": HOSTILE}]
    storage = [{"bucket": HOSTILE, "gib": 500.0, "compressible": True}]
    compute = [{"kind": "notebook", "name": HOSTILE, "hours": 720, "idle_hours": 600}]
    snapshot = snapshot_with(
        endpoints=rows, endpoint_traffic=traffic(HOSTILE, [0] * 720), storage=storage, compute=compute
    )
    result = simulate(
        Account.open(snapshot), Scenario(tuple(x() for x in all_levers().values()), name=HOSTILE), prices()
    )
    files = action_files(result)
    assert json.loads(files["scripts/stop_idle_endpoints.json"])["targets"][0]["name"] == HOSTILE
    text = files["README.md"]
    assert "<script>" not in text.replace("\\<script\\>", "").replace("`scripts/<script>.done.json`", "")
    assert "\n`rm" not in text
    code = [t for p, t in files.items() if p.endswith((".py", ".sh"))]
    assert not [t for t in code if "rm -rf" in t]


def test_an_account_without_anything_gives_a_readme_and_nothing_to_stop():
    result = simulate(Account.open(snapshot_with()), everything(), prices())
    files = action_files(result)
    assert "README.md" in files
    assert {p for p in files if p.endswith(".py")} == {"scripts/changes.py", "scripts/policies.py"}


def test_a_plan_without_levers_still_gives_monitoring_and_governance():
    result = simulate(sample_account("report"), load_scenario("none"), prices())
    files = action_files(result)
    assert "scripts/monitoring.py" in files
    assert "policies/gpu-justification.json" in files
    assert "not in the scenario" in files["README.md"]


def test_the_purchase_sheet_is_the_plans_commitment(team, files):
    bought = next(a for a in team.outcome.settlement.allocations if not a.plan.existing)
    assert f"${bought.plan.commitment_usd_per_hour:,.3f} per hour" in files["purchase-sheet.md"]
    call = next(t for p, t in files.items() if p.endswith("CreateSavingsPlan.json"))
    assert json.loads(call)["commitment"] == f"{bought.plan.commitment_usd_per_hour:.3f}"


def test_the_command_writes_the_archive(tmp_path, capsys):
    out = tmp_path / "pack.zip"
    assert main(["actions", "--usage", "report", "--scenario", "report_plan", "--out", str(out)]) == 0
    assert "actions/README.md" in zipfile.ZipFile(out).namelist()
    assert str(out) in capsys.readouterr().out
