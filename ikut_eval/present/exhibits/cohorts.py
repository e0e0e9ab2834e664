"""Exhibits on cohorts side by side: exact comparison and shrinkage. Never a ranking: cohorts stay in their order."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from ikut_eval.contract.locale import listing, percent, text
from ikut_eval.contract.measure_catalogue import measure_named
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.figures import dots_and_ranges, two_curves
from ikut_eval.present.theme import Drawing

_DRAWN_POINTS = 120
_LEVEL = 0.95
"""Of the intervals of shrunken estimates."""
_NOBODY = ExhibitRow("", ["–"] * 4)


def plot_comparison(comparison: Any, *, language: str, level: float = 0.95) -> Exhibit:
    """The cohorts' shares with their intervals at `level`, and what an exact test of any difference can say: from a `CohortComparison`."""
    rows = []
    for row in comparison.to_frame().itertuples():
        cohort, people = str(row.cohort_id), text("people", language, n=int(row.n))
        between = None if pd.isna(row.least) else (float(row.least), float(row.most))
        ends = None if pd.isna(row.lower) else (float(row.lower), float(row.upper))
        counted = between and not pd.isna(row.fewest)
        words = _counted(row, language) if counted else f"{tables.share_between(between, language)} ({people})" if between else "–"
        inside = tables.share_between(ends and (max(0.0, ends[0]), min(1.0, ends[1])), language)
        key = "comparison.line" if ends else "comparison.line_alike"
        line = text(key, language, cohort=cohort, shown=words, inside=inside) if between else ""
        rows.append(ExhibitRow(cohort, [cohort, str(row.n), str(row.n_missing), words, inside], line, (cohort, (), between, ends, words)))
    alone, anybody = len(rows) <= 1, any(row.line for row in rows)
    names = ("", text("figure.share", language), text("figure.interval", language))
    measure = comparison.measure
    caution = tables.measure_caution(measure, language) + tables.versions_caution(comparison.versions, language)
    return exhibit(
        rows,
        tables.headings(language, "cohort", "people", "unknown", "share", "interval"),
        about=measure,
        language=language,
        draw=(lambda marks: dots_and_ranges(marks, names=names, language=language)) if anybody else None,
        more=[*_over_people(comparison, language), *([] if alone and anybody else [("", _said_test(comparison, language, level))])],
        intro=f"{_what(comparison, language)}:" if anybody else "",
        caption=text("caption.comparison", language, measure=tables.measure_title(measure, language), level=percent(level, language)),
        caution=caution if alone else f"{caution} {text('assumption.cohorts_differ', language)}",
    )


def _said_test(comparison: Any, language: str, level: float) -> str:
    """Return what the test says, and that no plan declares it."""
    said: str = comparison.sentence(language, level=level)
    return f"{said} {text('plan.exploratory', language)} {text('plan.looked_at', language, n=1)}" if comparison.tests else said


def _over_people(comparison: Any, language: str) -> list[tuple[str, str]]:
    """Return that intervals of sessions are approximate, and which are cut at 0 or 1."""
    known = [row for row in comparison.to_frame().itertuples() if not pd.isna(row.lower)]
    if comparison.method != "clustered_rate" or not known:
        return []
    cut = [str(row.cohort_id) for row in known if row.lower < 0 or row.upper > 1]
    said = [("", text("interval.approximate", language))]
    return [*said, ("", text("interval.cut", language, cohorts=listing(cut, language)))] if cut else said


def _what(comparison: Any, language: str) -> str:
    """Return what is counted, in words."""
    known = {"paired_change": "figure", "outcome_bounds": "outcome"}.get(comparison.measure)
    return text(f"{known}.{comparison.group}", language) if known else tables.measure_title(comparison.measure, language)


def _counted(row: Any, language: str) -> str:
    """Return "3 of 4 (75 %)", or the bounds of both where people are not known."""
    low, high, n = int(row.fewest), int(row.greatest), int(row.n)
    if low == high:
        return tables.count_and_share(low, n, language)
    return f"{text('bounds', language, low=low, high=high, of=n)} ({tables.share_between((low / n, high / n), language)})"


def _writes(shrinkage: Any) -> Callable[[float, str], str]:
    """Return the function that writes a value in the unit of its measure: a share in per cent, or scale points."""
    unit = "points" if shrinkage.measure == "paired_change" else measure_named(shrinkage.measure).unit
    return percent if unit == "share" else tables.points


def plot_shrinkage(shrinkage: Any, *, language: str) -> Exhibit:
    """Each cohort's own estimate and the shrunken one, with its interval: from a `CohortShrinkage`."""
    write = _writes(shrinkage)
    rows = []
    cut: list[str] = []
    for row in shrinkage.to_frame(_LEVEL).itertuples():
        cohort, raw, shrunken = str(row.cohort_id), float(row.raw), float(row.shrunken)
        ends = (float(row.lower), float(row.upper))
        if write is percent and (ends[0] <= 0 or ends[1] >= 1):
            cut.append(cohort)
        own, together = write(raw, language), write(shrunken, language)
        mark = (cohort, [raw], (shrunken, shrunken), ends, f"{own} → {together}")
        rows.append(ExhibitRow(cohort, [cohort, own, together, tables.between(ends, language, write)], mark=mark))
    if shrinkage.model is None:
        said = [shrinkage.sentence(language)]
    else:
        found = shrinkage.common(_LEVEL)
        middle, low, high = (write(v, language) for v in (shrinkage.model.estimate, found.lower, found.upper))
        said = [text("shrinkage.common", language, value=middle, low=low, high=high, level=percent(_LEVEL, language))]
        said.append(text("shrinkage.meaning", language, n=len(rows)))
        said.append(text("shrinkage.approximate", language))
        if cut:
            said.append(text("interval.cut", language, cohorts=listing(cut, language)))
    if shrinkage.left_out:
        said.append(text("shrinkage.left_out", language, cohorts=listing(shrinkage.left_out, language)))
    return exhibit(
        rows or [_NOBODY],
        tables.headings(language, "cohort", "own_estimate", "shrunken", "interval"),
        about=shrinkage.measure,
        language=language,
        draw=lambda marks: _shrunken(marks, write is percent, language),
        more=[("", words) for words in said],
        caption=text("caption.shrinkage", language, measure=tables.measure_title(shrinkage.measure, language)),
        caution=text("assumption.cohorts_differ", language) + tables.versions_caution(shrinkage.versions, language),
    )


def _shrunken(rows: list[Any], shares: bool, language: str) -> Drawing:
    own, shrunken, interval, points = (text(f"figure.{name}", language) for name in ("own_estimate", "shrunken", "interval", "change_in_points"))
    if shares:
        return dots_and_ranges(rows, names=(own, shrunken, interval), language=language)
    reach = [v for _, dots, between, ends, _ in rows for v in (*dots, *between, *ends)]
    return dots_and_ranges(rows, names=(own, shrunken, interval), language=language, axis=points, limits=(min(0.0, *reach), max(1.0, *reach)))


def plot_spread(shrinkage: Any, *, language: str) -> Exhibit:
    """How far apart the cohorts may really lie, before the data and after them: from a `CohortShrinkage` of a normal–normal model."""
    model, rows, said = shrinkage.model, [_NOBODY], text("comparison.too_few", language)
    if model is not None:
        write = _writes(shrinkage)
        rows = []
        for scale, other in sorted([*shrinkage.sensitivity, (shrinkage.scale, model)], key=lambda pair: float(pair[0])):
            cells = [write(v, language) for v in (scale, other.tau_median, other.tau_upper, other.estimate)]
            rows.append(ExhibitRow("", cells, mark=True))
        medians = [float(other.tau_median) for _, other in shrinkage.sensitivity]
        values = {"scale": shrinkage.scale, "middle": model.tau_median, "most": model.tau_upper, "low": min(medians), "high": max(medians)}
        said = text("spread.line", language, n=len(shrinkage.cohort_ids), **{name: write(v, language) for name, v in values.items()})
    return exhibit(
        rows,
        tables.headings(language, "prior_scale", "spread_median", "spread_upper", "common_mean"),
        about=shrinkage.measure,
        language=language,
        draw=lambda _: _densities(shrinkage, language),
        more=[("", said)],
        caption=text("caption.spread", language, measure=tables.measure_title(shrinkage.measure, language)),
        caution=text("assumption.cohorts_alike", language) + tables.versions_caution(shrinkage.versions, language),
    )


def _densities(shrinkage: Any, language: str) -> Drawing:
    """Draw how probable each spread was before the data and is after them, thinned to what a screen shows."""
    model = shrinkage.model
    wide = float(2.5 * max(shrinkage.scale, model.tau_median))
    seen = [n for n in range(len(model.tau_grid)) if model.tau_grid[n] <= wide]
    kept = seen[:: max(1, len(seen) // _DRAWN_POINTS)]
    spread, before, after = ([float(each[n]) for n in kept] for each in (model.tau_grid, model.tau_prior, model.tau_posterior))
    names = (text("figure.before_data", language), text("figure.after_data", language))
    return two_curves(spread, before, after, names=names, axis=text("figure.spread", language))
