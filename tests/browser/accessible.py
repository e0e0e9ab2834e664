"""What axe-core finds wrong with a page: WCAG 2.1 A and AA, and its best practices."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"], "resultTypes": ["violations"], "preload": False}


def axe_findings(page: Page, *, colours: bool = True) -> list[object]:
    """Return what axe finds: of each rule its name and three places.

    Colours of text take four fifths of the time on a page of charts, and are the same in every language: they are looked at in one.
    """
    options = {**_OPTIONS, "rules": {"color-contrast": {"enabled": colours}}}
    found = Axe().run(page, options=options).response["violations"]
    return [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]
