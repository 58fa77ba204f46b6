"""`mcp`: a door for agents by the Model Context Protocol; the tools are those of `tools.py`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from simulator.errors import SimulatorError
from simulator.version import VERSION

INSTRUCTIONS = (
    "What-if simulator of AWS ML bills (SageMaker, Bedrock, S3). All figures are US dollars per month at run rate "
    "unless a name says otherwise. Savings of levers alone overlap and must not be added: simulate levers together. A "
    "figure that is null or listed under `unknown` is not known: say so. Nothing here changes an AWS account."
)
WARM_AFTER_SECONDS = 1.0


def mcp(
    *,
    transport: Annotated[Literal["stdio", "http"], Parameter(help="how the agent speaks to it")] = "stdio",
    port: Annotated[int, Parameter(help="port on this machine, for http")] = 8765,
) -> int:
    """Serve the simulator's answers to agents, read-only, on this machine."""
    served = server()
    warming = threading.Timer(WARM_AFTER_SECONDS, _warm)
    warming.daemon = True
    warming.start()
    if transport == "http":
        served.run("streamable-http", host="127.0.0.1", port=port)
    else:
        served.run("stdio")
    return 0


def _warm() -> None:
    """Import the engine while the agent thinks: its first question is then answered at once."""
    import simulator.analysis.answer
    import simulator.cli.options  # noqa: F401


def server() -> Any:
    """The server with its tools. Bad input and what cannot be known come back as errors in words, never as a number."""
    try:
        from mcp.server import MCPServer
        from mcp.types import ToolAnnotations
    except ModuleNotFoundError:
        raise ValueError("agents need the MCP SDK: pip install 'ml-spend-simulator[mcp]'") from None
    from simulator.cli.tools import TOOLS

    made = MCPServer("ml-spend", version=VERSION, instructions=INSTRUCTIONS, log_level="WARNING")
    for tool in TOOLS:
        made.tool(annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False))(_refusing(tool))
    return made


def _refusing(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, whose refusals reach the agent in words."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def asked(*args: Any, **named: Any) -> Any:
        try:
            return tool(*args, **named)
        except (SimulatorError, ValueError, OSError) as error:
            raise ToolError(str(error)) from None

    return asked
