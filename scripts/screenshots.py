"""Pictures of every page in both themes for docs/screenshots: `make screenshots`. Small palette PNGs."""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from simulator.ui.navigation import PAGES  # noqa: E402
from tests.browser.app import open_page  # noqa: E402
from tests.browser.served import CHROMIUM_FLAGS, find_chromium, serve  # noqa: E402

FOLDER = ROOT / "docs" / "screenshots"
QUERY = "&".join(
    f"{i}.on=true"
    for i in ("managed_spot", "stop_idle_endpoints", "prompt_caching", "s3_lifecycle", "savings_plan")
)
SUFFIX = {"light": "", "dark": "-dark"}
COLORS = 200


def main() -> int:
    """Take the pictures."""
    chromium = find_chromium()
    if chromium is None:
        print("no Chromium on this machine: apt-get install chromium", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(ROOT / "streamlit_app.py", Path(folder) / "log") as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=[*CHROMIUM_FLAGS])
        for theme, suffix in SUFFIX.items():
            page = browser.new_page(viewport={"width": 1280, "height": 720}, color_scheme=theme)  # type: ignore[arg-type]
            for name in PAGES:
                open_page(page, app.url, f"{'' if name == 'overview' else name}?{QUERY}")
                page.wait_for_timeout(1_500)
                save(page.screenshot(), FOLDER / f"{name}{suffix}.png")
        browser.close()
    return 0


def save(picture: bytes, path: Path) -> None:
    """Write a picture with few colours: a tenth of the size."""
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(
        path, optimize=True
    )
    print(f"{path.relative_to(ROOT)} {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    sys.exit(main())
