"""A figure as it may be published: how a true value is coded, how the figure is written and read back, and how people read it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING, Any

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.contract.locale import number, percent, text
from ikut_eval.disclosure.families import (
    ATTENDANCE_THIRDS,
    MEAN_GRID,
    MEAN_THIRDS,
    NOT_PUBLISHED,
    VIEWS,
    Band,
    Family,
    Group,
    band_index,
    bands_of,
    final_bands,
    scores_of,
)
from ikut_eval.disclosure.leaks import Limits
from ikut_eval.disclosure.universe import Number

if TYPE_CHECKING:
    import pandas as pd

STATUSES = ("shown", "coded", "too_few_people", "not_yet", "not_asked", "by_design", "withdrawn")
TELLING = ("shown", "coded")
"""The statuses of a figure that has a value."""
MAIN_ONLY, GIVEN_UP = "published.reason.main_only", "published.reason.given_up"
"""Why a figure is held back: because a category is small, which tells something; or because of what is public already, which tells nothing."""
_WORDS = ("indicator", "view", "display", "status", "reason")


@dataclass(frozen=True)
class CodedFigure:
    """One figure as it may be published.

    Attributes
    ----------
    indicator, view : str
    group : tuple of int – positions of cohorts
    n_public : int – members of the group, as published
    lo, hi : int or Fraction – ends of the band in which the true value lies; none where nothing is shown
    display : str – the band without words, as "7-9 of 9"; empty where nothing is shown
    status : str – one of `STATUSES`
    reason : str – catalogue key; empty where the value is shown as it is
    """

    indicator: str
    view: str
    group: Group
    n_public: int
    lo: Number | None
    hi: Number | None
    display: str
    status: str
    reason: str

    def __post_init__(self) -> None:
        telling = self.status in TELLING
        whole = (self.lo is not None, self.hi is not None, bool(self.display)) == (telling, telling, telling)
        ordered = self.lo is None or self.hi is None or (self.lo < self.hi if self.status == "coded" else self.lo == self.hi)
        if self.view not in VIEWS or self.status not in STATUSES or not (whole and ordered):
            raise DisclosureError("figure_not_sound", indicator=self.indicator)

    @property
    def speaks(self) -> bool:
        """Whether it depends on the data: by its value, or by its being held back, or by nobody's having been asked."""
        return self.status in (*TELLING, "not_asked") or self.reason == MAIN_ONLY


def not_shown(indicator: str, *, view: str, group: Group, n_public: int, status: str, reason: str = "") -> CodedFigure:
    """Return a figure that has a status but no value. The reason depends on public facts alone, except where it is `MAIN_ONLY`."""
    return CodedFigure(indicator, view, group, n_public, None, None, "", status, reason or f"published.reason.{status}")


def delivery(value: Number, *, indicator: str, group: Group, n_public: int) -> CodedFigure:
    """Return a fact about the service as it is: sessions, hours, shares of hours; never about members."""
    display = str(value) if value == int(value) else f"{float(value):.2f}".rstrip("0")
    return CodedFigure(indicator, "delivery", group, n_public, value, value, display, "shown", "")


def code_value(value: Number, *, view: str, bands: str = "", k: int = 0, indicator: str, group: Group, n_public: int, limits: Limits) -> CodedFigure:
    """Return what a view publishes of a count of people, a mean from 1 to 5 or an attendance rate; `bands` and `k` as in `count_bands`.

    Raises DisclosureError if a group of this size cannot have the value.
    """
    figure: dict[str, Any] = {"indicator": indicator, "view": view, "group": group, "n_public": n_public}
    if n_public < (limits.min_cohort if view == "cohort_band" else limits.min_group):
        return not_shown(**figure, status="too_few_people")
    if bands == NOT_PUBLISHED:
        return not_shown(**figure, status="by_design")
    partition = bands_of(view, n_public, bands=bands, k=k)
    if not partition[0].lo <= value <= partition[-1].hi:
        raise DisclosureError("count_outside_group", indicator=indicator)
    why = "grid" if view == "pair_mean" else "ends" if bands in ("", "exact") else "bands"
    return _coded(partition[band_index(value, partition)], why, figure)


def _coded(band: Band, why: str, figure: Mapping[str, Any]) -> CodedFigure:
    status, reason = ("shown", "") if band.lo == band.hi else ("coded", f"published.reason.{why}")
    return CodedFigure(**figure, lo=band.lo, hi=band.hi, display=band.display, status=status, reason=reason)


def code_family(family: Family, counts: Mapping[str, int], *, group: Group, n_public: int, limits: Limits) -> tuple[CodedFigure, ...]:
    """Return what is published of a group of people, by the number of people in each category.

    Raises DisclosureError if the categories are not the family's, do not add up to the group, or the view does not count people.
    """
    if set(counts) != set(family.cells) or sum(counts.values()) != n_public or min(counts.values()) < 0:
        raise DisclosureError("count_outside_group", indicator=family.id)
    if family.view == "delivery" or scores_of(family):
        raise DisclosureError("view_without_code", view=family.view)
    figures: list[dict[str, Any]] = [{"indicator": i.id, "view": family.view, "group": group, "n_public": n_public} for i in family.indicators]
    if family.view == "final_pooled" and n_public >= limits.min_group:
        bands = final_bands([counts[cell] for cell in family.cells], n_public, k=family.indicators[0].k, small=limits.small)
        return tuple(
            _coded(band, "ends", figure) if band else not_shown(**figure, status="by_design", reason=MAIN_ONLY)
            for figure, band in zip(figures, bands, strict=False)
        )
    values = [sum(counts[cell] for cell in i.cells) for i in family.indicators]
    codes = [i.coding(n_public) for i in family.indicators]
    return tuple(code_value(value, bands=bands, k=k, **figure, limits=limits) for value, (bands, k), figure in zip(values, codes, figures, strict=True))


def figure_json(figure: CodedFigure) -> dict[str, object]:
    """Return a figure as JSON: whole numbers as numbers, fractions as "9/4"; refuse an end that is not an exact number."""
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
    """Return a figure from its JSON form, or raise DisclosureError if that is anything but what `figure_json` gives."""
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
    """Give the figures of a release's table, row by row; refuse a row that is not a figure that may be published."""
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
    """Return a figure as people read it, "7–9 of 9, 78–100%"; its status in words where it has no value."""
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
