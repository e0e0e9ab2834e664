"""Takes the README's pictures from the pages of `make demo`: `python dashboards/pictures/take.py ~/ikut-eval-demo/pages`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from ikut_eval.batch.report import find_browser

PICTURES = {
    "public-overview": ("public/overview.en.html", 1280, 900, ""),
    "internal-overview": ("internal/overview.en.html", 1280, 900, ""),
    "internal-rights": ("internal/rights_awareness.en.html", 1280, 3000, "#statements .spine"),
    "public-phone": ("public/overview.sv.html", 390, 900, ""),
}
"""Page, width and height of the window, and the part of the page that is taken; the first screen where none is named."""


def main(pages: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        for name, (page, width, height, part) in PICTURES.items():
            tab = browser.new_page(viewport={"width": width, "height": height})
            tab.goto((pages / page).resolve().as_uri())
            tab.wait_for_function("document.documentElement.dataset.drawn === 'true'")
            path = Path(__file__).with_name(f"{name}.png")
            if part:
                tab.locator(part).screenshot(path=path)
            else:
                tab.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).expanduser())
