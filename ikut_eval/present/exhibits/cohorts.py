"""Exhibits on cohorts side by side: exact comparison and shrinkage. Never a ranking: cohorts stay in their order."""

from typing import Any, Protocol

import pandas as pd

from ikut_eval.contract.locale import listing, number, percent, text
from ikut_eval.contract.measure_catalogue import measure_named
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import dots_and_ranges, two_curves

_PERCENTS = (0, 0.25, 0.5, 0.75, 1)
_DRAWN_POINTS = 120


class Comparison(Protocol):
    """What `compare_cohorts` returns, as far as it is shown."""

    @property
    def measure(self) -> str: ...
    @property
    def group(self) -> str: ...
    def to_frame(self) -> pd.DataFrame: ...
    def sentence(self, language: str, *, level: float = ...) -> str: ...


def _percents(language: str) -> list[tuple[float, str]]:
    return [(share, percent(share, language)) for share in _PERCENTS]


def plot_comparison(comparison: Comparison, *, language: str, level: float = 0.95) -> Exhibit:
    """The cohorts' shares with their intervals, and what an exact test of any difference can say.

    Parameters
    ----------
    comparison : CohortComparison
    level : float
        That of its intervals.
    """
    rows, drawn, said = [], [], []
    nobody: list[float] = []
    for row in comparison.to_frame().itertuples():
        between = None if pd.isna(row.least) else (float(row.least), float(row.most))
        ends = None if pd.isna(row.lower) else (float(row.lower), float(row.upper))
        people = text("people", language, n=int(row.n))
        shown = _counted(row, language) if between and not pd.isna(row.fewest) else f"{_shares(between, language)} ({people})" if between else "–"
        inside = _shares(ends and (max(0.0, ends[0]), min(1.0, ends[1])), language)
        rows.append([str(row.cohort_id), str(row.n), str(row.n_missing), shown, inside])
        drawn.append((str(row.cohort_id), nobody, between, ends, shown))
        if between:
            said.append(text("comparison.line" if ends else "comparison.line_alike", language, cohort=row.cohort_id, shown=shown, inside=inside))
    alone, caution = len(rows) <= 1, tables.caution(comparison.measure, language)
    tested = [] if alone and said else [comparison.sentence(language, level=level)]
    names = {name: text(f"figure.{name}", language) for name in ("share", "interval")}
    figure = dots_and_ranges(drawn, dot="", estimate=names["share"], interval=names["interval"], axis="", limits=(0, 1), ticks=_percents(language))
    caption = text("caption.comparison", language, measure=tables.title(comparison.measure, language), level=percent(level, language))
    return Exhibit(
        sentence="\n".join([*([f"{_what(comparison, language)}:"] if said else []), *said, *tested]),
        drawing=figure if any(between for _, _, between, _, _ in drawn) else None,
        table=tables.headed(rows, ["cohort", "people", "unknown", "share", "interval"], language),
        caption=caption,
        caution=caution if alone else f"{caution} {text('assumption.cohorts_differ', language)}",
        language=language,
    )


def _what(comparison: Comparison, language: str) -> str:
    """Return what is counted, in words."""
    known = {"paired_change": "figure", "outcome_bounds": "outcome"}.get(comparison.measure)
    return text(f"{known}.{comparison.group}", language) if known else tables.title(comparison.measure, language)


def _counted(row: Any, language: str) -> str:
    """Return "3 of 4 (75 %)", or the bounds of both where people are not known."""
    low, high, n = int(row.fewest), int(row.greatest), int(row.n)
    if low == high:
        return tables.count_and_share(low, n, language)
    return f"{text('bounds', language, low=low, high=high, of=n)} ({_shares((low / n, high / n), language)})"


def _shares(ends: tuple[float, float] | None, language: str) -> str:
    if ends is None:
        return "–"
    low, high = (percent(end, language) for end in ends)
    return low if low == high else text("range", language, low=low, high=high)


def _value(value: float, unit: str, language: str) -> str:
    return percent(value, language) if unit == "share" else number(value, language, 2)


def _unit(shrinkage: Any) -> str:
    return "points" if shrinkage.measure == "paired_change" else measure_named(shrinkage.measure).unit


def plot_shrinkage(shrinkage: Any, *, language: str) -> Exhibit:
    """Each cohort's own estimate and the shrunken one, with its interval.

    Parameters
    ----------
    shrinkage : CohortShrinkage
    """
    unit = _unit(shrinkage)
    rows, drawn = [], []
    for row in shrinkage.to_frame().itertuples():
        ends = (float(row.shrunken - 1.96 * row.sd), float(row.shrunken + 1.96 * row.sd))
        own, together = (_value(float(v), unit, language) for v in (row.raw, row.shrunken))
        inside = text("range", language, low=_value(ends[0], unit, language), high=_value(ends[1], unit, language))
        rows.append([str(row.cohort_id), own, together, inside])
        drawn.append((str(row.cohort_id), [float(row.raw)], (float(row.shrunken),) * 2, ends, f"{own} → {together}"))
    said = []
    if shrinkage.model is None:
        said.append(shrinkage.sentence(language))
    else:
        found = shrinkage.model.interval(0.95)
        middle, low, high = (_value(v, unit, language) for v in (shrinkage.model.estimate, found.lower, found.upper))
        said.append(text("shrinkage.common", language, value=middle, low=low, high=high, level=percent(0.95, language)))
        said.append(text("shrinkage.meaning", language, n=len(rows)))
    if shrinkage.left_out:
        said.append(text("shrinkage.left_out", language, cohorts=listing(shrinkage.left_out, language)))
    figure = None
    if drawn:
        reach = [v for _, dots, between, ends, _ in drawn for v in (*dots, *between, *ends)]
        limits, ticks = ((0.0, 1.0), _percents(language)) if unit == "share" else ((min(0.0, *reach), max(1.0, *reach)), [])
        names = {name: text(f"figure.{name}", language) for name in ("own_estimate", "shrunken", "interval")}
        axis = "" if unit == "share" else text("figure.change_in_points", language)
        called = {"dot": names["own_estimate"], "estimate": names["shrunken"], "interval": names["interval"]}
        figure = dots_and_ranges(drawn, **called, axis=axis, limits=limits, ticks=ticks, zero=unit != "share")
    return Exhibit(
        sentence="\n".join(said),
        drawing=figure,
        table=tables.headed(rows or [["–"] * 4], ["cohort", "own_estimate", "shrunken", "interval"], language),
        caption=text("caption.shrinkage", language, measure=tables.title(shrinkage.measure, language)),
        caution=text("assumption.cohorts_differ", language),
        language=language,
    )


def plot_spread(shrinkage: Any, *, language: str) -> Exhibit:
    """How far apart the cohorts may really lie: what was assumed before the data, and what the data leave.

    Parameters
    ----------
    shrinkage : CohortShrinkage
        Of a normal–normal model.
    """
    unit, model = _unit(shrinkage), shrinkage.model
    caption = text("caption.spread", language, measure=tables.title(shrinkage.measure, language))
    rows: list[list[str]] = []
    figure = None
    sentence = text("comparison.too_few", language)
    if model is not None:
        for scale, other in sorted([*shrinkage.sensitivity, (shrinkage.scale, model)], key=lambda pair: float(pair[0])):
            rows.append([_value(v, unit, language) for v in (scale, other.tau_median, other.tau_upper, other.estimate)])
        wide = float(2.5 * max(shrinkage.scale, model.tau_median))
        seen = [n for n in range(len(model.tau_grid)) if model.tau_grid[n] <= wide]
        kept = seen[:: max(1, len(seen) // _DRAWN_POINTS)]
        curves = ([float(each[n]) for n in kept] for each in (model.tau_grid, model.tau_prior, model.tau_posterior))
        names = (text("figure.before_data", language), text("figure.after_data", language))
        figure = two_curves(*curves, names=names, axis=text("figure.spread", language))
        middle, most = (_value(v, unit, language) for v in (model.tau_median, model.tau_upper))
        low, high = (min(float(o.tau_median) for _, o in shrinkage.sensitivity), max(float(o.tau_median) for _, o in shrinkage.sensitivity))
        values = {"middle": middle, "most": most, "low": _value(low, unit, language), "high": _value(high, unit, language)}
        sentence = text("spread.line", language, n=len(shrinkage.cohort_ids), **values)
    return Exhibit(
        sentence=sentence,
        drawing=figure,
        table=tables.headed(rows or [["–"] * 4], ["prior_scale", "spread_median", "spread_upper", "common_mean"], language),
        caption=caption,
        caution=text("assumption.cohorts_alike", language),
        language=language,
    )
