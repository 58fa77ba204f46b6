"""Tags of resources, as a snapshot holds them: a JSON object of texts."""

from __future__ import annotations

import json
from functools import lru_cache


@lru_cache(maxsize=4096)
def tags_of(text: str) -> frozenset[str]:
    """The tags of such a text, as "key=value"; none of an empty one."""
    data = json.loads(text) if text else {}
    return frozenset(f"{k}={v}" for k, v in data.items()) if isinstance(data, dict) else frozenset()
