"""What the tests of this folder share."""

from tests.opened import samples_opened_once

__all__ = ["samples_opened_once"]
