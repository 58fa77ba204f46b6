"""The command line. Exit codes: 0 fine, 2 bad input, 3 nothing was read; a command may name others.

Reasons go to stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from simulator.documents import write_beside
from simulator.errors import SimulatorError
from simulator.version import VERSION
from simulator.words import visible

# command: where its function is, and its line in the list. Only the one asked for is imported; some are slow.
COMMANDS = {
    "app": ("app:app", "Open the simulator in the browser."),
    "project": ("project:project", "One scenario on one account: baseline, scenario, every month."),
    "compare": ("project:compare", "Several scenarios side by side."),
    "units": ("units:units", "Dollars per 1,000 calls, million tokens, training run, before and after."),
    "savings": ("savings:savings", "What is saved when: by lever, owner or component, month or fiscal year."),
    "commitment": ("commitment:commitment", "The best Savings Plan on what the levers leave."),
    "ladder": (
        "ladder:ladder",
        "Which Savings Plans to buy when, under uncertain demand, and what a fall costs.",
    ),
    "serve-or-buy": (
        "serve_or_buy:serve_or_buy",
        "Endpoints beside Bedrock: dollars per million tokens at any load.",
    ),
    "agent-economics": ("agents:agent_economics", "What planned agents cost, and their levers one by one."),
    "seek": ("commitment:seek", "The least-effort set of levers that reaches a target."),
    "spot": ("spot:spot", "Will a job on spot finish in time, and what will it be billed?"),
    "levers": ("levers:levers", "Every lever with its parameters."),
    "workloads list": ("workloads:workloads", "Everything that can be planned, with its fields."),
    "workloads template": ("workloads:template", "A CSV with one example of each, to fill."),
    "validate": ("snapshot:validate", "Check a snapshot."),
    "sample": ("snapshot:sample", "Write a shipped sample, to see the form to fill."),
    "report": ("report:report", "Write report, workbook and tables into a folder."),
    "actions": ("actions:actions", "Write scripts and requests for people to read and run."),
    "ledger keep": ("ledger:keep", "Keep a scenario as a file, to compare it later with what happened."),
    "ledger months": ("ledger:months", "A kept scenario compared with every snapshot since, month by month."),
    "ledger compare": ("ledger:compare", "A kept scenario compared with a newer snapshot."),
    "forecast": ("forecast:forecast", "What the bill's history says about the months to come, with a fan."),
    "backtest": ("forecast:backtest", "How that forecast would have done, beside naive ones."),
    "anomalies": ("anomalies:anomalies", "Days of a bill that cost more than their past explains, and why."),
    "budget": ("budget:budget", "Budgets beside a scenario, month by month, with the chance of breaking."),
    "gate": (
        "gate:gate",
        "Is the bill within the budget, or as a kept scenario projected it? For a pipeline.",
    ),
    "mcp": ("mcp:mcp", "Serve the simulator's answers to agents, read-only."),
    "watch": ("watch:watch", "Add a newer snapshot to a kept account, and say what moved."),
    "collect": ("collect:collect", "Read a live AWS account, read-only, into a snapshot."),
    "import": ("imports:import_", "Turn billing exports into a snapshot."),
    "workspace list": ("workspace:list_", "What is kept."),
    "workspace export": ("workspace:export", "Everything that is kept, as one file."),
    "workspace import": ("workspace:import_", "Read such a file."),
    "workspace plan": ("workspace:plan", "Keep a scenario's projection with an account."),
    "workspace budget": ("workspace:budget", "Keep budgets with an account."),
    "workspace erase": ("workspace:erase", "Erase an account for good."),
    "workspace grant": ("workspace:grant", "Give a person a role."),
    "workspace audit": ("workspace:audit", "Who changed what."),
    "prices show": ("prices:show", "Every row of a price, past and present."),
    "prices check": ("prices:check", "Age, holes and conflicts of the price book."),
    "prices refresh": ("prices:refresh", "Append today's prices from AWS's Price List."),
    "prices template": ("prices:template", "A CSV to fill with own prices."),
}
GROUPS = {
    "ledger": "Plan against actual: keep a dated plan, compare it with a newer snapshot.",
    "workloads": "What can be planned: new endpoints, applications, training, data; retirements (`--add FILE`).",
    "workspace": "What is kept: accounts, scenarios, plans, budgets. Where: ML_SPEND_DATABASE, else your data folder.",
    "prices": "What the price book knows, how old and complete it is; own prices; a refresh.",
}


def _default(value: object) -> str | None:
    """The default of an option as help shows it; nothing of a switch, or where there is none. A 0 is a default."""
    return None if value is None or value is False or value in ((), "") else str(value)


def command_line() -> App:
    """All commands with their options, help and completion."""
    made = App(
        name="ml-spend",
        help="What an AWS machine-learning bill becomes under any mix of measures.",
        version=VERSION,
        help_format="plaintext",
        result_action="return_value",
        default_parameter=Parameter(show_default=_default),
    )
    groups = {name: App(name=name, help=text) for name, text in GROUPS.items()}
    for group in groups.values():
        made.command(group)
    for name, (place, text) in COMMANDS.items():
        above, _, own = name.rpartition(" ")
        (groups[above] if above else made).command(f"simulator.cli.{place}", name=own, help=text)
    made.register_install_completion_command()
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; print its answer or write it to --out. A command returns text, or an exit code."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    try:
        answer = command_line()(tokens, exit_on_error=False, print_error=False)
    except UnusedCliTokensError as error:
        asked = " ".join(error.command_chain or ())
        return _refuse(
            f"{error.unused_tokens} was not expected: every value of `{asked}` comes after its option. "
            f"`ml-spend {asked} --help` lists them."
        )
    except CycloptsError as error:
        return _refuse(str(error).strip())
    except (SimulatorError, ValueError, OSError) as error:
        _refuse(str(error))
        return error.exit_code if isinstance(error, SimulatorError) else 2
    if isinstance(answer, int):
        return answer
    if isinstance(answer, str):
        _say(visible(answer))
    return 0


def _say(text: str) -> None:
    """Print; where the reader has left (`| head`), what it read was enough."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Python flushes once more at its end, and would complain there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def deliver(text: str, out: Path | None) -> str | None:
    """The text to print, or nothing when it was written to `out`."""
    if out is None:
        return text
    write_beside(out, (text + "\n").encode())
    return None


def _refuse(reason: str) -> int:
    print(f"simulator: {visible(reason)}", file=sys.stderr)
    return 2
