"""The README of the pack: order, effort, saving, how to run and how to undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator import words
from simulator.engine.simulate import Result
from simulator.levers import all_levers
from simulator.reports.actions.action import Action, Request, one_line
from simulator.reports.tables import lever_table

SAFETY = """\
## How the scripts behave

- Python 3.9 or newer and `boto3`; credentials and profile from the environment, as for the AWS CLI.
- **Without `--apply` nothing is changed.** Each script says what it would do and why it leaves a target alone.
- Conditions are checked anew on the account; a tag `keep` of the owner is obeyed (`keep=2027-01-31` until that day).
- Each change is written with its undo to `scripts/<script>.done.json` before it is made. Keep that file.
- `--undo` says what would be undone, `--undo --apply` does it. A second `--apply` changes nothing.
- `--lever` and `--only` restrict a run. Targets are in the `.json` beside each script: read and edit it.
- Targets of another account than the credentials' are left alone.
"""


def readme(
    result: Result, actions: Sequence[Action], paths: Mapping[str, list[tuple[str, Request]]], left_out: int
) -> str:
    """The text. Savings are attributed: they add up to the scenario's saving."""
    m = result.account.snapshot.manifest
    lines = [
        f"# Actions for {one_line(m.name)}",
        "",
        f"Scenario *{one_line(result.scenario.name)}*, usage of {m.window_start:%Y-%m-%d} to {m.window_end:%Y-%m-%d}, "
        f"prices of {result.book.as_of}.",
        f"Expected: {words.usd(result.baseline.total_usd)} → {words.usd(result.outcome.total_usd)} per month "
        "(run rate, 730 h), "
        f"saving {words.usd(result.saving_usd)}.",
        "",
        "These files are for people to read and run; the simulator changes nothing. Try them on a sandbox first.",
        "",
        *_order(result, actions),
        "",
        SAFETY,
        *_details(actions, paths),
        *_template_part(left_out),
    ]
    return "\n".join(lines) + "\n"


def _order(result: Result, actions: Sequence[Action]) -> list[str]:
    known, table = all_levers(), lever_table(result)
    saving = dict(zip(table["lever"], table["saving_attributed_usd"], strict=True))
    total = round(result.baseline.total_usd, 2) - round(result.outcome.total_usd, 2)
    lines = [
        "## Order",
        "",
        "| # | action | phase | effort (h) | saving attributed ($/month) | undo | run |",
        "|---:|---|---:|---:|---:|---|---|",
    ]
    named = set()
    for number, action in enumerate(actions, start=1):
        lever = known.get(action.lever_id)
        on = action.lever_id in saving
        named.add(action.lever_id)
        title = lever.title if lever else "Monitoring"
        back = ("yes" if lever.reversible else "no") if lever else "yes"
        effort, phase = (f"{lever.effort_hours:g}", str(lever.phase)) if lever else ("4", "1")
        usd = f"{saving[action.lever_id]:,.2f}" if on else "not in the scenario" if lever else "watches"
        lines.append(f"| {number} | {title} | {phase} | {effort} | {usd} | {back} | {_run(action)} |")
    rest = sum(v for k, v in saving.items() if k not in named)
    if abs(rest) >= 0.005:
        lines.append(
            f"| | levers that change nothing in this scenario, by their credit in others | | | {rest:,.2f} | | |"
        )
    lines += [f"| | **total** | | | **{total:,.2f}** | | |", ""]
    lines += [
        "Where several levers could save the same dollar, they share its credit (Shapley); credits add up to the total."
    ]
    lines += ["A negative saving is a cost. Measure each action before the next; buy commitments last."]
    return lines


def _run(action: Action) -> str:
    if action.script:
        return f"`scripts/{action.script}.py`"
    return "`requests/`" if action.requests else "by hand"


def _details(actions: Sequence[Action], paths: Mapping[str, list[tuple[str, Request]]]) -> list[str]:
    known, lines = all_levers(), ["## Step by step", ""]
    for number, action in enumerate(actions, start=1):
        lever = known.get(action.lever_id)
        lines += [f"### {number}. {lever.title if lever else 'Monitoring'}", ""]
        lines += [f"- {step}" for step in action.steps]
        lines += [f"- Undo: {action.undo}", ""]
        if action.script:
            command = f"python scripts/{action.script}.py --lever {action.lever_id}"
            lines += ["```sh", command, f"{command} --apply", "```", ""]
        made = paths.get(action.lever_id, [])
        if made:
            notes = dict.fromkeys(r.note for _, r in made if r.note)
            lines += [f"As requests ({len(made)}):", *[f"- {n}" for n in notes], "", "```sh"]
            lines += [r.command(path) for path, r in made]
            lines += ["```", ""]
    return lines


def _template_part(left_out: int) -> list[str]:
    lines = [
        "## CloudFormation",
        "",
        "`cloudformation/template.json` holds monitoring, governance and scaling for all regions: deploy it in",
        "each; every resource knows its region. Use it or the scripts for these, not both. Buckets, endpoints and",
        "domains that exist cannot be changed by a template that did not make them: the scripts do that.",
        "Above 51,200 bytes `deploy` needs `--s3-bucket`.",
        "",
        "```sh",
        "aws cloudformation deploy --stack-name ml-spend --template-file cloudformation/template.json \\",
        "  --capabilities CAPABILITY_IAM --parameter-overrides NotificationEmail=you@example.com DryRun=true",
        "```",
        "",
        "One anomaly monitor per service and account: where there is one, use monitoring.py instead.",
        "Dashboards beyond the free ones and alarms cost a little every month: see CloudWatch pricing.",
    ]
    if left_out:
        lines += [
            "",
            f"{left_out} resources found no place in one template (500 at most); monitoring.py makes them all.",
        ]
    return lines
