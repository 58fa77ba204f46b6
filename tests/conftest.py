"""What all tests share."""

import os

from hypothesis import settings

# A slow moment of the machine is no failure; in CI the same examples are tried each time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
# Prices a user has refreshed on this machine are none of a test's.
os.environ["SIMULATOR_PRICES"] = os.path.join(os.path.dirname(__file__), "no-refreshed-prices")
settings.load_profile("ci" if os.environ.get("CI") else "local")
