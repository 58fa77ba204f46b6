"""What all tests share."""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

# A slow moment of the machine is no failure; in CI the same examples are tried each time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
# Prices a user has refreshed on this machine are none of a test's.
os.environ["SIMULATOR_PRICES"] = os.path.join(os.path.dirname(__file__), "no-refreshed-prices")
# Nor is their workspace.
_kept = Path(tempfile.mkdtemp(prefix="workspace-"))
os.environ["ML_SPEND_DATABASE"] = f"sqlite:///{_kept / 'workspace.db'}"
os.environ["ML_SPEND_SNAPSHOTS"] = str(_kept / "snapshots")
settings.load_profile("ci" if os.environ.get("CI") else "local")
