"""What can be concluded from so few answers: changes with their intervals, detectable effects, tipping points."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import level_words, number, once_in, percent, text, tipping_words
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.exhibits.rights import change_caution, instrument_of
from ikut_eval.present.figures import dots_and_ranges, steps_and_band, unit_dots
from ikut_eval.present.theme import Drawing

_EVERY_COHORT = "all"


def plot_mean_change(change: Any, *, plan: AnalysisPlan, language: str) -> Exhibit:
    """The mean change with people as dots, its exact interval, what chance alone could do, and what those who are missing could.

    From a `PairedChange` of one cohort; or of each cohort, and last of the whole pilot. The plan decides level, test, interval and sides;
    its own comparison is that of several cohorts together, and the rest is marked exploratory.
    """
    changes = list(change) if isinstance(change, Sequence) else [change]
    found = []
    for one in changes:
        cohort = _EVERY_COHORT if len(one.cohort_ids) > 1 else ", ".join(one.cohort_ids)
        found.append(JudgedChange(cohort, one.n_paired, one.n_missing, one.judged_by(plan), [float(c) for c in one.changes]))
    judged = [one.judged for one in found if one.judged]
    more = []
    if len(changes) > 1 and judged:
        more.append(cohort_floor_words(len({name for one in changes if one.n_paired for name in one.cohort_ids}), language))
    if judged:
        more += [text("plan.looked_at", language, n=len(judged)), text("assumption.exchangeable_within_person", language)]
    instrument = instrument_of(changes)
    named = tables.instrument_name(instrument, language) if instrument else tables.measure_title("paired_change", language)
    return exhibit(
        [judged_row(one, language) for one in found],
        tables.headings(language, "cohort", *JUDGED),
        about="paired_change",
        language=language,
        draw=lambda marks: _mean_changes(marks, language, estimate=estimate_of(judged)),
        more=[("", words) for words in more if words],
        nothing="sentence.no_pairs",
        caption=text("caption.mean_change", language, instrument=named),
        caution=change_caution(changes, language),
    )


class JudgedChange(NamedTuple):
    """A change to show.

    Attributes
    ----------
    cohort_id : str – "all" for all cohorts together
    n_paired, n_missing : int – people
    judged : mapping – as `PairedChange.judged_by` returns it; empty where there are too few people
    changes : sequence of float – of each person, to draw; empty where no person is shown
    """

    cohort_id: str
    n_paired: int
    n_missing: int
    judged: Mapping[str, Any]
    changes: Sequence[float] = ()


JUDGED = ("pairs", "missing", "mean_change", "interval", "level", "p", "p_floor", "plan")
"""What a table tells of a change after its cohort, as `judged_row` does."""


def cohort_floor_words(n_cohorts: int, language: str) -> str:
    """Return the smallest p-value that so many cohorts with answers can give; "" for none."""
    return text("mean_change.cohort_floor", language, n=n_cohorts, floor=p_words(2.0 ** (1 - n_cohorts), language)) if n_cohorts else ""


def estimate_of(judged: Sequence[Mapping[str, Any]]) -> str:
    """Return what is drawn of changes: "mean", or "typical_change" where the plan's test is of ranks."""
    return "typical_change" if any(one["method"] == "signed_rank" for one in judged) else "mean"


def judged_row(one: JudgedChange, language: str) -> ExhibitRow:
    """Return the cells of a change, what is said of it, and its mark: name, people's changes, estimate twice, ends of its interval or None, words."""
    cohort, judged = "" if one.cohort_id == _EVERY_COHORT else one.cohort_id, one.judged
    label = cohort or text("table.all_cohorts", language) if one.cohort_id else "–"
    counts = [label, str(one.n_paired), str(one.n_missing)]
    if not judged:
        line = text("mean_change.too_few", language, cohort=label, pairs=one.n_paired) if one.n_paired or one.n_missing else ""
        return ExhibitRow(cohort, [*counts, *["–"] * 6], line)
    planned = text("plan.planned" if judged["planned"] else "plan.exploratory", language)
    ends = None if judged["lower"] is None else (judged["lower"], judged["upper"])
    in_points = judged["unit"] == "points"
    words, drawn = tables.points(judged["mean"], language), judged["estimate"] if in_points else judged["mean"]
    said = [text("mean_change.line", language, cohort=label, mean=words, n=one.n_paired, missing=one.n_missing)]
    said += [_said_interval(judged, ends, language), _said_test(judged, one.n_paired, language), planned]
    if one.n_missing:
        said.append(tipping_words(judged["tipping"], judged["tipping_from"], judged["falls"], language))
    level = level_words(1 - judged["alpha"], language) if ends else "–"
    cells = [*counts, words, tables.between(ends, language, tables.points if in_points else percent), level]
    cells += [p_words(judged["p"], language), p_words(judged["p_floor"], language), planned]
    mark = (label, one.changes, (drawn, drawn), ends if in_points else None, tables.points(drawn, language))
    return ExhibitRow(cohort, cells, " ".join(said), mark)


def _mean_changes(rows: Sequence[Any], language: str, *, estimate: str = "mean") -> Drawing:
    """Draw mean changes in scale points with their intervals, as in `dots_and_ranges`, on an axis that reaches as far to both sides."""
    reach = max(1.0, *(abs(v) for _, dots, between, ends, _ in rows for v in (*dots, *between, *(ends or ()))))
    people, mean, interval, axis = (text(f"figure.{name}", language) for name in ("person", estimate, "interval", "change_in_points"))
    anybody = any(dots for _, dots, _, _, _ in rows)
    return dots_and_ranges(rows, names=(people if anybody else "", mean, interval), language=language, axis=axis, limits=(-reach, reach))


def p_words(p: float, language: str) -> str:
    """Return a p-value as a number."""
    return number(p, language, 3) if p >= 0.001 else text("smaller_than", language, value=number(0.001, language, 3))


def _said_interval(judged: Mapping[str, Any], ends: tuple[float, float] | None, language: str) -> str:
    """Return the interval of the planned method, or why there is none to show."""
    in_points, level = judged["unit"] == "points", 1 - judged["alpha"]
    wanted = level_words(level, language)
    if ends is None:
        key = "no_interval" if not in_points else "lower_level" if judged["highest_level"] < level else "range_only"
        return text(f"mean_change.{key}", language, wanted=wanted, level=level_words(judged["highest_level"], language))
    write = tables.points if in_points else percent
    value, low, high = (write(v, language) for v in (judged["estimate"], *ends))
    key = {"mean_change": "interval"}.get(judged["method"], f"interval_{judged['method']}")
    return text(f"mean_change.{key}", language, value=value, low=low, high=high, level=wanted)


def _said_test(judged: Mapping[str, Any], n: int, language: str) -> str:
    """Return what chance alone could do, on the side that the plan names, and the least that it ever could."""
    floor, attainable = once_in(judged["p_floor"], language), judged["p_floor"] <= judged["alpha"]
    below = "below" if judged["planned"] else "below_unplanned"
    key = "not_attainable" if not attainable else below if judged["p"] <= judged["alpha"] else "above"
    said = text(f"inference.{key}", language, n=n, p=once_in(judged["p"], language), floor=floor, alpha=percent(judged["alpha"], language))
    return f"{said} {text('inference.floor', language, floor=floor)}" if attainable else said


def plot_item_shift(shift: Any, *, plan: AnalysisPlan, language: str) -> Exhibit:
    """Who answers each statement higher, the same or lower than before: from an `ItemShift`; p adjusted for looking at all of them, always exploratory."""
    kinds = {"rose": theme.UP, "same": theme.SAME, "fell": theme.DOWN}
    names = dict(zip(kinds, tables.legend(("improved", "same", "worse"), language).values(), strict=True))
    rows = []
    for row in shift.to_frame().to_dict("records"):
        label = f"{row['item']} {tables.item_text(row['item'], language)}"
        known = row["n"] > 1
        p, adjusted, floor = (p_words(row[k], language) if known else "–" for k in ("p", "p_holm", "p_floor"))
        mark = (tables.wrapped(label), [(kind, int(row[kind])) for kind in kinds], f"p {adjusted}" if known else "") if row["n"] else None
        rows.append(ExhibitRow("", [label, *(str(row[k]) for k in (*kinds, "n_missing", "n_not_yet")), p, adjusted, floor], mark=mark))
    return exhibit(
        rows,
        [*tables.headings(language, "question"), *names.values(), *tables.headings(language, "missing", "not_yet", "p", "p_holm", "p_floor")],
        about="item_agreement",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=names),
        more=[("", shift.sentence(language, level=1 - plan.alpha) + " " + text("plan.exploratory", language))],
        caption=text("caption.item_shift", language),
        caution=tables.measure_caution("item_agreement", language) + tables.versions_caution(shift.versions, language),
    )


def plot_detectable(detectable: Any, *, language: str) -> Exhibit:
    """What groups of such sizes could show at all, whatever they answer: from a `Detectable`."""
    rows = []
    for row in detectable.rows:
        cohort = "" if row["cohort_id"] == "all" else str(row["cohort_id"])
        name, n = cohort or text("detectable.all", language), int(row["n"])
        floor = once_in(float(row["p_floor"]), language) if n else "–"
        least = "–" if row["share"] is None else percent(row["share"], language)
        effect, kind = ("–", "cannot") if row["effect"] is None else (detectable.effect_words(row, language), "can")
        mark = (name, [(kind, n)], text(f"figure.{kind}_show", language)) if n else None
        rows.append(ExhibitRow(cohort, [name, str(n), floor, least, effect], mark=mark))
    kinds = {"can": theme.YES, "cannot": theme.NO}
    names = {kind: text(f"figure.{kind}_show", language) for kind in kinds}
    return exhibit(
        rows,
        tables.headings(language, "cohort", "people", "chance_floor", "least_share", "least_effect"),
        about="participants",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=names),
        more=[("", line) for line in detectable.sentence(language).splitlines()],
        caption=text("caption.detectable", language),
        caution=text("assumption.before_the_data", language),
    )


def plot_tipping(tipping: Any, *, language: str) -> Exhibit:
    """How many of those not reached must have an outcome for half of all to have it: from a `TippingCount` of one cohort, or of one outcome."""
    kinds = {"known": theme.YES, "needed": theme.NOT_KNOWN, "rest": theme.NO}
    names = {kind: text(f"figure.tipping_{kind}", language) for kind in kinds}
    single = len({row["cohort_id"] for row in tipping.rows}) <= 1
    share = percent(tipping.share, language)
    rows = []
    for row in tipping.rows:
        cohort, outcome = str(row["cohort_id"]), text(f"outcome.{row['group']}", language)
        n, known, unreached, needed = (row[name] for name in ("n", "at_least", "n_missing", "needed"))
        words = "–" if not n else text("tipping.impossible", language) if needed is None else tables.count(needed, unreached, language) if needed else "0"
        line, mark = "", None
        if n:
            key = "never" if needed is None else "needed" if needed else "always"
            label = outcome if single else cohort
            values = {"label": label, "known": known, "of": n, "unreached": unreached, "needed": needed, "share": share}
            line = text(f"tipping_count.{key}", language, **values)
            mark = (label, [("known", known), ("needed", needed or 0), ("rest", n - known - (needed or 0))], tables.count(known, n, language))
        rows.append(ExhibitRow(cohort, [cohort, outcome, tables.count(known, n, language), str(unreached), words], line, mark))
    return exhibit(
        rows,
        tables.headings(language, "cohort", "outcome", "known_share", "unreached", "needed"),
        about="outcome_bounds",
        language=language,
        draw=lambda marks: unit_dots(marks, kinds=kinds, names=names),
        nothing="sentence.nobody_due",
        caption=text("caption.tipping", language, share=share),
        caution=text("assumption.nothing_about_unreached", language),
    )


def plot_staying(staying: Any, *, plan: AnalysisPlan, language: str) -> Exhibit:
    """How many are still in the training, week by week: from a `Staying`; the plan decides the level."""
    rows = []
    for r in staying.to_frame(1 - plan.alpha).itertuples():
        week, share, ends = float(r.week), float(r.share), (float(r.lower), float(r.upper))
        cells = [number(week, language), str(r.n_at_risk), percent(share, language), tables.between(ends, language)]
        rows.append(ExhibitRow("", cells, mark=(week, share, *ends)))
    names = (text("figure.staying", language), text("figure.interval", language))
    axis = text("figure.week_axis", language)
    return exhibit(
        rows or [ExhibitRow("", ["–"] * 4)],
        tables.headings(language, "week", "people", "share", "interval"),
        about="participants",
        language=language,
        draw=lambda marks: steps_and_band(*zip(*marks, strict=True), names=names, axis=axis, language=language),
        more=[("", line) for line in staying.sentence(language, level=1 - plan.alpha).splitlines()],
        caption=text("caption.staying", language),
        caution=text("assumption.still_in_training", language),
    )
