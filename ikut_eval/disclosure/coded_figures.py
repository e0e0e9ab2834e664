"""A coded figure in files and in words: how it is written, how it is read back, and how people read it."""

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING, Any

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.contract.locale import number, percent, text
from ikut_eval.disclosure.views import ATTENDANCE_THIRDS, MEAN_GRID, MEAN_THIRDS, Band, CodedFigure

if TYPE_CHECKING:
    import pandas as pd

_WORDS = ("indicator", "view", "display", "status", "reason")


def figure_json(figure: CodedFigure) -> dict[str, object]:
    """Return a figure as JSON: whole numbers as numbers, fractions as "9/4".

    Raises
    ------
    DisclosureError
        If an end is not an exact number.

    Examples
    --------
    >>> from ikut_eval.disclosure.views import pair_mean
    >>> figure_json(pair_mean(Fraction(12, 5), indicator="score", group=(1, 2), n_public=9, min_group=8))["lo"]
    '9/4'
    """
    numbers = {"group": [int(position) for position in figure.group], "n_public": int(figure.n_public)}
    ends = {name: _number_json(end, figure.indicator) for name, end in (("lo", figure.lo), ("hi", figure.hi))}
    return {name: getattr(figure, name) for name in _WORDS} | numbers | ends


def _number_json(value: object, indicator: str) -> int | str | None:
    if value is None:
        return None
    if not isinstance(value, Rational):
        raise DisclosureError("figure_not_sound", indicator=indicator)
    return int(value.numerator) if value.denominator == 1 else str(Fraction(value))


def read_figure(given: Mapping[str, Any]) -> CodedFigure:
    """Return a figure from its JSON form.

    Raises
    ------
    DisclosureError
        If it is anything but what `figure_json` gives.
    """
    try:
        lo, hi = (Fraction(end) if isinstance(end, str) else end for end in (given["lo"], given["hi"]))
        figure = CodedFigure(**{**given, "group": tuple(given["group"]), "lo": lo, "hi": hi})
        alike = json.dumps(figure_json(figure), sort_keys=True) == json.dumps(given, sort_keys=True)
        if alike and all(isinstance(given[name], str) for name in _WORDS):
            return figure
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError):
        pass
    raise DisclosureError("figure_not_sound", indicator=str(given.get("indicator", "")))


def read_figures(table: "pd.DataFrame") -> Iterator[CodedFigure]:
    """Give the figures of a release's table, row by row.

    Raises
    ------
    DisclosureError
        If a row is not a figure that may be published.
    """
    for row in table.itertuples():
        words = {name: "" if isinstance(value := getattr(row, name), float) else value for name in _WORDS}
        ends = {name: _end(getattr(row, name), str(row.indicator)) for name in ("lo", "hi")}
        yield read_figure({**words, **ends, "group": [int(position) for position in str(row.cohorts).split("+")], "n_public": int(str(row.n_public))})


def _end(written: object, indicator: str) -> int | str | None:
    """Return an end as `figure_json` has it. A table holds it as a decimal number, or as a missing value."""
    try:
        return _number_json(Fraction(str(written)), indicator)
    except ValueError:
        return None


def figure_text(figure: CodedFigure, language: str) -> str:
    """Return a figure as people read it; its status in words where it has no value.

    Examples
    --------
    >>> from ikut_eval.disclosure.views import pair_count
    >>> figure_text(pair_count(8, indicator="completed", group=(1, 2), n_public=9, min_group=8), "en")
    '7–9 of 9, 78–100%'
    """
    if figure.lo is None or figure.hi is None:
        return text(f"published.status.{figure.status}", language)
    if figure.view == "delivery":
        return number(float(figure.lo), language, 2)
    if band := _scale_band(figure):
        said = percent if band in ATTENDANCE_THIRDS else number
        low, high, value = (said(float(end), language) for end in (figure.lo, figure.hi, band.value))
        return text(f"published.{band.words}", language, low=low, high=high, value=value)
    return f"{people_text(figure, language)}, {share_text(figure, language)}"


def people_text(figure: CodedFigure, language: str) -> str:
    """Return a number of people alone: "7–9 of 9"; the status in words where there is none."""
    if figure.lo is None:
        return figure_text(figure, language)
    k = str(figure.lo) if figure.lo == figure.hi else f"{figure.lo}–{figure.hi}"
    return text("published.count", language, k=k, of=figure.n_public)


def share_text(figure: CodedFigure, language: str) -> str:
    """Return the share that a number of people is: "78–100%"; empty where there is none."""
    if figure.lo is None or figure.hi is None:
        return ""
    high = percent(float(figure.hi / figure.n_public), language)
    return high if figure.lo == figure.hi else f"{number(float(100 * figure.lo / figure.n_public), language, 0)}–{high}"


def _scale_band(figure: CodedFigure) -> Band | None:
    """Return the band of a mean or an attendance rate; none where people are counted."""
    scales = {"pair_mean": MEAN_GRID, "cohort_band": (*MEAN_THIRDS, *ATTENDANCE_THIRDS)}
    return next((band for band in scales.get(figure.view, ()) if (band.lo, band.hi) == (figure.lo, figure.hi)), None)


def reason_text(figure: CodedFigure, language: str) -> str:
    """Return why a figure is a range or has no value; empty where it is shown as it is."""
    return text(figure.reason, language) if figure.reason else ""
