"""The accessibility statement (Act 306/2019): its words in the catalogues, who supervises in `dashboards/accessibility.toml`."""

import tomllib
from datetime import date
from html import escape

from ikut_eval.contract.locale import day, text
from ikut_eval.contract.schema import shipped

_PARTS = ("status", "shortfalls", "tested", "feedback", "supervision")


def statement(language: str, *, on: date | None = None) -> str:
    """Return the statement as HTML.

    Parameters
    ----------
    on : date, optional
        The day on which the supervising authority is named; today where none is given.
    """
    said = tomllib.loads((shipped("dashboards") / "accessibility.toml").read_text(encoding="utf-8"))
    when = on or date.today()
    authority = max((each for each in said["authority"] if each["from"] <= when), key=lambda each: each["from"])
    values = {
        "checked": day(said["checked"], language),
        "authority": authority["name"][language],
        "address": authority["address"][language],
    }
    parts = [(text(f"dash.accessible.{part}_title", language), text(f"dash.accessible.{part}", language, **values)) for part in _PARTS]
    return "".join(f'<section><h2>{escape(title)}</h2><p class="sentence">{escape(words)}</p></section>' for title, words in parts)
