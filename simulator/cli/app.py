"""`app`: the page in a browser."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Annotated

from cyclopts import Parameter


def app(
    *,
    port: Annotated[int, Parameter(help="port to listen on")] = 8501,
    address: Annotated[
        str, Parameter(help="address to listen on; this machine only by default")
    ] = "localhost",
    base_path: Annotated[
        str | None, Parameter(help="path prefix behind a reverse proxy; that of ML_SPEND_URL by default")
    ] = None,
    private: Annotated[bool, Parameter(help="store nothing on this machine", negative=())] = False,
    headless: Annotated[bool, Parameter(help="do not open a browser", negative=())] = False,
) -> int:
    """Open the simulator in the browser, on the sample account until you load your own."""
    if find_spec("streamlit") is None:
        raise ValueError("the page needs Streamlit: pip install 'ml-spend-simulator[app]'")
    if private:
        os.environ["ML_SPEND_PRIVATE"] = "1"
    from simulator.ui.start import start

    start(port, address, headless, base_path)
    return 0
