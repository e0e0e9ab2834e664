"""The follow-ups: how many are in each situation and when, from which main activity to which, support that goes on, and needs beside the hours given."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ikut_eval.contract.locale import listing, text
from ikut_eval.dashboard.page import Control, PageContent, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import ExhibitRow, exhibit, spine_exhibit
from ikut_eval.present.side_by_side import EVERY_COHORT, REACH, Cells, columns_of, columns_of_all, counts_of, legend_of, measure_rows, people_cells, row_of
from ikut_eval.present.spine import MOST_MARKS, Cell, Column, Spine, SpineGroup, SpineRow
from ikut_eval.release.store import Bundle

MONTH_OF = {"exit": "1", "m3": "3", "m6": "6", "m12": "12"}
"""The month of support that is shown beside each follow-up."""
FEWEST = 5
"""Criteria of people's work, and their ways from one activity to another, are not shown of fewer."""
_OUTCOMES = ("in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service")
_ACTIVITIES = ("in_work", "in_work_trial", "in_study", "jobseeking", "other")
_WAVES = ("exit", "m3", "m6", "m12")
_ALL_TIMES, _FIRST = "all", "m6"
_COUNTED = ("yes", "unknown", "no", "not_yet")
_DETAILED = ("reached", "fair_work", "seeking_work")
_ANSWERED_BY = {
    "rights": ("rights",),
    "finnish": ("finnish",),
    "it": ("it",),
    "everyday": ("everyday",),
    "jobseeking": ("jobseeking",),
    "career": ("career", "identity"),
    "wellbeing": ("psychologist",),
    "networks": ("networks",),
}
"""Types of session that answer a need, where there are such."""


def internal_outcomes(bundle: Bundle, language: str) -> PageContent:
    """Return what came afterwards, and needs beside the support given."""
    times = [(_ALL_TIMES, text("outcomes.all_times", language)), *((wave, _when(wave, language)) for wave in _WAVES)]
    chosen = Control("wave", text("dash.control.wave", language), tuple(times), narrow=_FIRST)
    sections = (_situations(bundle, language), *_fair_work(bundle, language), _moves(bundle, language), _support(bundle, language), _given(bundle, language))
    return PageContent((chosen,), sections, finding=_finding(bundle, language))


def _when(wave: str, language: str) -> str:
    return text("outcomes.at_the_end", language) if wave == "exit" else tables.code_label("wave", wave, language)


def _in_line(cells: Cells) -> Cells:
    """Return cells whose other counts are heard only: the marks show them."""
    return {cohort: cell._replace(more="", heard=cell.more or cell.heard) for cohort, cell in cells.items()}


def _cells_of(bundle: Bundle, name: str, wave: str, language: str) -> Cells:
    """Return how many are in a situation at a follow-up, or were reached."""
    if name == "reached":
        return _in_line(people_cells(bundle, REACH, language, wave=wave))
    return _in_line(people_cells(bundle, "outcome_bounds", language, wave=wave, group=name))


def _count(cells: Cells) -> str:
    """Return how many there are in all cohorts together; nothing where none is counted yet."""
    figure = cells[EVERY_COHORT].figure if EVERY_COHORT in cells else ""
    return figure if any(letter.isdigit() for letter in figure) else ""


def _finding(bundle: Bundle, language: str) -> str:
    """Return how many are in work and how many have a further service, at the latest follow-up up to six months of which it is known."""
    bounds = measure_rows(bundle, "outcome_bounds", cohort_id=EVERY_COHORT)
    for wave in (_FIRST, "m3", "exit"):
        service = next(iter(counts_of(bounds[(bounds["wave"] == wave) & (bounds["group"] == "next_service")])), None)
        work = _count(_cells_of(bundle, "in_work", wave, language))
        if work and service is not None:
            most = service.yes + service.unknown
            return text(f"outcomes.finding.{wave}", language, work=work, service=f"{service.yes}–{most}" if service.unknown else str(most))
    return ""


def _situations(bundle: Bundle, language: str) -> Section:
    """Return how many are in each situation: a block a situation with a row a follow-up, and a block of all situations for one follow-up."""
    names = {name: text("spine.reached" if name == "reached" else f"outcome.{name}", language) for name in ("reached", *_OUTCOMES)}
    names |= {name: f"{names[name]}: {text(f'spine.{name}.detail', language)}" for name in _DETAILED}
    found = {(name, wave): _cells_of(bundle, name, wave, language) for name in names for wave in _WAVES}
    blocks = [
        SpineGroup(title, "", tuple(row_of(bundle, _when(wave, language), "", found[name, wave], first=wave == _FIRST) for wave in _WAVES))
        for name, title in names.items()
    ]
    shown: dict[str, list[SpineGroup]] = {_ALL_TIMES: blocks}
    for wave in _WAVES:
        shown[wave] = [SpineGroup(_when(wave, language), "", tuple(row_of(bundle, title, "", found[name, wave]) for name, title in names.items()))]
    question = text("dash.section.outcome", language)
    note = text("outcomes.note", language) + ("" if _waves_with_work(bundle) else f" {text('outcomes.few_work', language)}")
    panels: Panels = {}
    for wave, groups in shown.items():
        when = text("outcomes.all_times", language) if wave == _ALL_TIMES else _when(wave, language)
        spine = Spine(columns_of(bundle, language), tuple(groups), legend_of(_COUNTED, language), note)
        said, caption = text("outcomes.said", language, when=when), f"{question} {when}"
        panels[(wave,)] = spine_exhibit(spine, language=language, about="outcome_bounds", sentence=said, caption=caption)
    end, later = (_count(found["in_work", wave]) for wave in ("exit", _FIRST))
    heading = text("outcomes.work.later" if later else "outcomes.work.end", language, end=end, later=later) if end else ""
    return _section("outcome", question, heading, panels, ("wave",))


def _section(name: str, question: str, heading: str, panels: Panels, by: tuple[str, ...] = ()) -> Section:
    """Return a section under what was found; under the question where nothing was."""
    return Section(name, heading or question, panels, by, question=question if heading else "")


def _criteria(bundle: Bundle, wave: str) -> pd.DataFrame:
    return measure_rows(bundle, "fair_work_criteria", cohort_id=EVERY_COHORT, wave=wave)


def _waves_with_work(bundle: Bundle) -> list[str]:
    """Return the follow-ups at which so many people are known to be in work that the criteria of their work do not describe single people."""
    tables_of = {wave: _criteria(bundle, wave) for wave in _WAVES}
    return [wave for wave, table in tables_of.items() if len(table) and (table["denominator"] + table["n_missing"]).max() >= FEWEST]


def _fair_work(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return of each criterion of fair work how many have it, of all cohorts together, for each follow-up at which enough people work; else nothing."""
    waves = _waves_with_work(bundle)
    groups = []
    for wave in waves:
        counts = zip(_criteria(bundle, wave)["group"], counts_of(_criteria(bundle, wave)), strict=True)
        rows = [(tables.code_label("fair_work_criterion", str(name), language), count) for name, count in counts]
        marks = [tuple((kind, n) for kind in _COUNTED if (n := getattr(count, kind))) for _, count in rows]
        cells = [Cell(count.words(language), marks=own if count.people <= MOST_MARKS else ()) for (_, count), own in zip(rows, marks, strict=True)]
        groups.append(SpineGroup(_when(wave, language), "", tuple(SpineRow(name, "", (cell,)) for (name, _), cell in zip(rows, cells, strict=True))))
    if not groups:
        return ()
    question = text("dash.section.fair_work", language)
    counted = counts_of(_criteria(bundle, waves[-1]))
    low, n = min(count.yes for count in counted), max(count.people for count in counted)
    heading = text("outcomes.fair", language, when=_when(waves[-1], language), count=tables.count(low, n, language))
    spine = Spine(columns_of_all(language), tuple(groups), legend_of(_COUNTED[:3], language), "")
    said = text("outcomes.fair_said", language)
    return (
        _section("fair_work", question, heading, {(): spine_exhibit(spine, language=language, about="fair_work_criteria", sentence=said, caption=question)}),
    )


def _moves(bundle: Bundle, language: str) -> Section:
    """Return from which main activity to which people went, of all cohorts together, for each later follow-up at which enough people are due."""
    named = {each: text(f"dash.activity.{each}", language) for each in (*_ACTIVITIES, "not_known")}
    question, caution = text("dash.section.moves", language), text("outcomes.moves.caution", language)
    groups, rows, few, heading = [], [], [], ""
    for wave in _WAVES[1:]:
        moves, waiting = _people_by_move(bundle, wave)
        n, when = int(moves.sum()), _when(wave, language)
        rows.append(ExhibitRow("", [when, str(n), str(waiting)]))
        if n < FEWEST:
            few.append(text("outcomes.moves.few", language, wave=when))
            continue
        later = text("outcomes.moves.later", language, wave=when, people=text("people", language, n=n))
        groups.append(SpineGroup(f"{later} · {text('spine.not_yet', language, n=waiting)}" if waiting else later, "", _rows_of_moves(moves, named, language)))
        if wave == _FIRST or not heading:
            same = sum(int(moves.get((each, each), 0)) for each in _ACTIVITIES)
            unknown = sum(int(k) for (before, after), k in moves.items() if "not_known" in (before, after))
            key, words = "m6" if wave == _FIRST else "other", {"same": same, "other": n - same - unknown, "unknown": unknown}
            heading = text(f"outcomes.moves.{key}", language, wave=when, n=n, **words)
    if not groups:
        headings = tables.headings(language, "wave", "people", "not_yet")
        return _section(
            "moves", question, "", {(): exhibit(rows, headings, nothing="outcomes.moves.nothing", caption=question, caution=caution, language=language)}
        )
    legend = tuple((kind, text(f"outcomes.moves.{kind}", language)) for kind in ("same", "yes", "unknown"))
    spine = Spine(tuple(Column(each) for each in named.values()), tuple(groups), legend, " ".join(few))
    said = text("outcomes.moves.said", language)
    shown = spine_exhibit(spine, language=language, about="outcome_bounds", sentence=said, caption=question, caution=caution)
    return _section("moves", question, heading, {(): shown})


def _people_by_move(bundle: Bundle, wave: str) -> tuple[pd.Series, int]:
    """Return how many went from a main activity at the end to one at a follow-up, by (before, after), and how many are not yet due."""
    table = bundle.table("transitions")
    people = table[table["end"] == wave].groupby(["before", "after"])["people"].sum()
    due = people[people.index.get_level_values("after") != "not_yet"]
    known = due.rename(index={"not_yet": "not_known"}, level="before").groupby(level=["before", "after"]).sum()
    return known, int(people.sum() - due.sum())


def _rows_of_moves(moves: pd.Series, named: Mapping[str, str], language: str) -> tuple[SpineRow, ...]:
    """Return a row for each main activity that somebody had at the end, with a cell for each that people can have later."""
    rows = []
    for before, name in named.items():
        n = sum(int(k) for (own, _), k in moves.items() if own == before)
        cells = []
        for after in named:
            k = int(moves.get((before, after), 0))
            stayed = before == after != "not_known"
            kind = "same" if stayed else "unknown" if "not_known" in (before, after) else "yes"
            cells.append(
                Cell(str(k), "", text("outcomes.moves.same", language) if stayed else "", ((kind, k),) if 0 < k <= MOST_MARKS else (), outlined=stayed)
            )
        if n:
            rows.append(SpineRow(name, str(n), tuple(cells)))
    return tuple(rows)


def _support(bundle: Bundle, language: str) -> Section:
    """Return with how many there was contact in each month after the training."""
    found = {month: _in_line(people_cells(bundle, "support_continuing", language, group=month)) for month in MONTH_OF.values()}
    rows = [row_of(bundle, text("figure.month", language, month=m), "", cells, first=m == MONTH_OF[_FIRST]) for m, cells in found.items()]
    counts = {month: _count(found[month]) for month in ("1", "3", "6")}
    question, heading = text("dash.section.support", language), ""
    if counts["3"] and counts["6"]:
        heading = text("outcomes.support.both", language, early=counts["3"], late=counts["6"])
    elif known := [month for month, words in counts.items() if words]:
        heading = text("outcomes.support.one", language, count=counts[known[-1]], month=known[-1])
    spine = Spine(columns_of(bundle, language, brief=True), (SpineGroup("", "", tuple(rows)),), legend_of(_COUNTED, language), "")
    said = text("outcomes.support.said", language)
    return _section("support", question, heading, {(): spine_exhibit(spine, language=language, about="support_continuing", sentence=said, caption=question)})


def _given(bundle: Bundle, language: str) -> Section:
    """Return of each need how many had it at the start, and how many hours were given for it."""
    needs = measure_rows(bundle, "need_level", wave="start")
    hours = measure_rows(bundle, "delivered_hours", by="session_type")
    held = hours[hours["numerator"].fillna(0) > 0].groupby(["cohort_id", "group"])["numerator"].sum()
    rows = []
    for need in needs["group"].unique():
        types, name = _ANSWERED_BY.get(str(need), ()), tables.code_label("need_domain", str(need), language)
        named = listing([tables.code_label("session_type", each, language) for each in types], language) if types else text("outcomes.given.none", language)
        cells = {
            cohort: cell._replace(more=_hours(held, cohort, types, language), heard=cell.more or cell.heard)
            for cohort, cell in people_cells(bundle, "need_level", language, wave="start", group=str(need)).items()
        }
        rows.append(row_of(bundle, name, "" if named == name else named, cells))
    single = needs[needs["cohort_id"] != EVERY_COHORT]
    answered = [any((row.cohort_id, each) in held.index for each in _ANSWERED_BY.get(str(row.group), ())) for row in single.itertuples()]
    met, total = int(single["numerator"][answered].sum()), int(single["numerator"].sum())
    heading = text("outcomes.given", language, count=tables.count(met, total, language)) if total else ""
    question = text("dash.section.given", language)
    groups = (SpineGroup("", "", tuple(rows)),)
    spine = Spine(columns_of(bundle, language, brief=True), groups, legend_of(_COUNTED[:3], language), text("outcomes.given.note", language))
    said, caution = text("outcomes.given.said", language), text("dash.given_caution", language)
    shown = spine_exhibit(spine, language=language, about="delivered_hours", sentence=said, caption=question, caution=caution)
    return _section("given", question, heading, {(): shown})


def _hours(held: pd.Series, cohort: str, types: Sequence[str], language: str) -> str:
    """Return the hours of some types of session held for a cohort; that there were none, where there were none; nothing where no type answers."""
    given = sum(float(held.get((cohort, each), 0)) for each in types)
    if not types:
        return ""
    return text("outcomes.given.hours", language, hours=tables.points(given, language)) if given else text("outcomes.given.no_hours", language)
