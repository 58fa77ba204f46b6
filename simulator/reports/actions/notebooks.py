"""Idle shutdown of Studio apps and notebook instances."""

from __future__ import annotations

import base64
from typing import Any

from simulator.reports.actions.action import Action, Chosen, Request, one_line
from simulator.reports.actions.functions import function_code

LEAST_MINUTES, MOST_MINUTES = 60, 525_600
LONGEST_SCRIPT = 16_384


def notebook_idle_shutdown(chosen: Chosen) -> Action:
    """IdleSettings for Studio, a lifecycle script for notebook instances."""
    minutes, t = idle_minutes(float(chosen.lever.timeout_minutes)), chosen.before
    studio = [r for r in chosen.rows if t.kind[r] == "studio"]
    instances = [r for r in chosen.rows if t.kind[r] == "notebook"]
    names = ", ".join(one_line(t.resource_id[r]) for r in instances[:20])
    steps = ["Tell the users: a long run in a notebook looks idle. Save work before the timeout."]
    if studio:
        steps.append(
            "Dry run, then apply studio_idle.py: it sets the domains' defaults; user profiles may override them."
        )
    if instances:
        steps.append(
            f"Make the lifecycle configuration and attach it to {names}: they must be stopped for that."
        )
    places = {chosen.place(r)["region"]: chosen.place(r) for r in studio}
    requests = [lifecycle_request(r, minutes) for r in sorted({chosen.place(i)["region"] for i in instances})]
    targets = tuple(studio_target(p["region"], p["account"], minutes) for p in places.values())
    undo = "`--undo --apply` puts the domains' settings back; detach the lifecycle configuration."
    return Action(
        chosen.lever.id, tuple(steps), undo, "studio_idle" if targets else "", targets, tuple(requests)
    )


def studio_target(region: str, account: str, minutes: int) -> dict[str, Any]:
    """All domains of a region."""
    return {
        "name": f"domains of {region}",
        "region": region,
        "account": account,
        "idle_timeout_minutes": minutes,
    }


def idle_minutes(minutes: float) -> int:
    """IdleTimeoutInMinutes, 60 to 525,600 (botocore does not check the maximum). Raises ValueError."""
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise ValueError(
            f"idle timeout: expected {LEAST_MINUTES} to {MOST_MINUTES:,} minutes, not {minutes:g}"
        )
    return round(minutes)


def lifecycle_request(region: str, minutes: int) -> Request:
    """A lifecycle configuration that stops a notebook instance after idle minutes."""
    script = function_code("functions/notebook_idle.sh").replace(
        "IDLE_MINUTES=120", f"IDLE_MINUTES={minutes}"
    )
    content = base64.b64encode(script.encode()).decode()
    if len(content) > LONGEST_SCRIPT:
        raise ValueError(f"lifecycle script: {len(content)} characters, more than {LONGEST_SCRIPT}")
    body = {"NotebookInstanceLifecycleConfigName": "spend-stop-when-idle", "OnStart": [{"Content": content}]}
    note = "The role of the notebook needs sagemaker:StopNotebookInstance on itself."
    return Request(region, "sagemaker", "CreateNotebookInstanceLifecycleConfig", body, note)
