"""The first page of a report: findings with their figures, what is not known, and what to do before the next cohort."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.html import piece
from ikut_eval.contract.locale import day, level_words, listing, number, once_in, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.side_by_side import (
    EVERY_COHORT,
    REACH,
    Cells,
    GatheredTables,
    PeopleCount,
    SessionCount,
    average_cells,
    bar_cell,
    changed_cells,
    columns_of,
    counts_of,
    kinds_of_sessions,
    legend_of,
    measure_rows,
    people_cells,
    row_of,
    session_counts,
    took_part_cells,
    weekly_counts,
)
from ikut_eval.present.spine import Cell, Column, Spine, SpineGroup, SpineRow, Squares, Weeks

_RATES = ("attendance_rate", "attendance_rate_b")
_RATED, _KNOWN = "rights_awareness", "rights_knowledge"
_WAVES = {"exit": "", "m3": "3", "m6": "6", "m12": "12"}
"""The follow-ups, with the month of support that is shown beside each."""
_OUTCOMES = ("in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service")
_FIRST = "m6"
_NAMES = {name: f"outcome.{name}" for name in _OUTCOMES} | {"average": "summary.average", "groups": "summary.groups", "needs": "summary.needs_met"}
_SIZES = (2, 3)
"""How many people make a group, and one in which two can work together while a third is spoken with."""


class _Block(NamedTuple):
    """A question with what was found, and its figures: rows of one cell each, or a table."""

    question: str
    finding: str
    rows: tuple[SpineRow, ...] = ()
    spine: Spine | None = None
    legend: tuple[tuple[str, str], ...] = ()
    note: str = ""


class _Page(NamedTuple):
    """What the first page says; `asides` are (heading, lines) each."""

    kicker: str
    heading: str
    facts: list[tuple[str, str]]
    caution: str
    blocks: list[_Block]
    asides: list[tuple[str, list[str]]]


def plot_summary(pilot: Any, measures: Sequence[pd.DataFrame], changes: Sequence[Any], due: pd.DataFrame, *, plan: AnalysisPlan, language: str) -> Exhibit:
    """The first page of a report on a cohort, or on several side by side: from measure tables, and a `PairedChange` of each questionnaire and group.

    Parameters
    ----------
    pilot : PilotData
        Whose cohorts and dates are named.
    measures : sequence of pandas.DataFrame
        `participants`, `completion`, `delivered_hours`, `everyday_wellbeing_share`, `needs_met`, `attendance_rate` and `group_viability`
        (two and three people) by week, `follow_up_reach`, `outcome_bounds` of each situation and follow-up, `support_continuing`, and the changes
        as tables with their intervals.
    changes : sequence of PairedChange
        Of the self-rating and of the knowledge questions; of each cohort and of all of them together.
    due : pandas.DataFrame
        As `follow_ups_due` returns it.
    """
    cohorts = pilot["cohort"].sort_values(["start_date", "cohort_id"])
    alone = str(cohorts["cohort_id"].iloc[0]) if len(cohorts) == 1 else ""
    found = GatheredTables(cohorts, measures, changes, plan)
    whose = alone or EVERY_COHORT
    findings = [_came(found, whose, language), _rated(found, whose, language), _needs(found, whose, language), _after(found, whose, language)]
    blocks = _of_one(found, alone, findings, plan, language) if alone else _of_several(found, findings, language)
    page = _Page(
        kicker=_when(cohorts, pilot.reporting_date, language),
        heading=_heading(found, whose, findings, language),
        facts=_facts(found, whose, language),
        caution=text("summary.caution", language, people=text("people", language, n=_people(found, whose).yes)),
        blocks=blocks,
        asides=[
            (text("summary.unknown", language), _unknown(found, whose, plan, language)),
            (text("summary.next", language), _to_do(found, whose, due, plan, language)),
        ],
    )
    table, caption = _told(blocks, language), text("summary.caption", language)
    folded = piece("folded_table", text("exhibit.table", language, caption=caption), caption, list(table.columns), table.to_numpy().tolist())
    return Exhibit(
        lines=tuple(("", words) for words in (page.heading, *findings)),
        drawing=None,
        table=table,
        caption=caption,
        caution=page.caution,
        language=language,
        page=piece("summary", page, folded),
        told=((page.heading, (*(" ".join(fact) for fact in page.facts), *findings)), *((title, tuple(lines)) for title, lines in page.asides)),
    )


def _change(found: GatheredTables, instrument: str, whose: str) -> Any:
    """Return the change of a questionnaire; None where there is none."""
    table = found.table("changes")
    return next(iter(table[(table["instrument"] == instrument) & (table["cohort_id"] == whose)].itertuples()), None)


def _sessions(found: GatheredTables, measure: str, whose: str, **where: int) -> SessionCount:
    """Return the counts of a whole training, the sums of its weeks."""
    table = measure_rows(found, measure, **where)
    own = session_counts(table[table["cohort_id"] == whose])
    return SessionCount(*(sum(counts) for counts in zip(*own.values(), strict=True))) if own else SessionCount()


def _count(found: GatheredTables, measure: str, whose: str, **where: str) -> PeopleCount:
    """Return how many people have something; nobody where there is no such row."""
    table = measure_rows(found, measure, cohort_id=whose, **where)
    return next(iter(counts_of(table)), PeopleCount(whose, 0, 0, 0, 0))


def _people(found: GatheredTables, whose: str) -> PeopleCount:
    return _count(found, "participants", whose)


def _known(words: str) -> bool:
    return any(letter.isdigit() for letter in words)


def _came(found: GatheredTables, whose: str, language: str) -> str:
    came, groups = _sessions(found, _RATES[0], whose), _sessions(found, "group_viability", whose, threshold=_SIZES[0])
    if not came.n or not groups.n:
        return text("summary.none.attendance", language)
    return text("spine.attendance", language, came=came.words(language), groups=groups.words(language))


def _rated(found: GatheredTables, whose: str, language: str) -> str:
    change, (low, high) = _change(found, _RATED, whose), load_contract().instruments[_RATED].score_range
    if change is None or not change.n_paired:
        return text("summary.none.rights_not_yet" if change is not None and change.n_not_yet else "summary.none.rights", language)
    if pd.isna(change.mean_start):
        return text("spine.rights.finding.rated", language, rated=tables.count(change.improved, change.n_paired, language))
    levels = {"before": number(change.mean_start, language), "after": number(change.mean_end, language)}
    return text("spine.change", language, low=low, high=high, **levels)


def _needs(found: GatheredTables, whose: str, language: str) -> str:
    table = measure_rows(found, "needs_met", cohort_id=whose)
    met, of, waits = (int(table[name].sum()) for name in ("numerator", "denominator", "n_not_yet"))
    if not of:
        return text("summary.none.needs_not_yet" if waits else "summary.none.needs", language)
    return text("spine.needs", language, met=tables.count(met, of, language))


def _after(found: GatheredTables, whose: str, language: str) -> str:
    """Return how many work and have a further service, at six months, or at the latest time before of which it is known."""
    for wave in (_FIRST, "m3", "exit"):
        work, service = (_count(found, "outcome_bounds", whose, wave=wave, group=name) for name in ("in_work", "next_service"))
        if _known(work.words(language)):
            most = service.yes + service.unknown
            ends = f"{service.yes}–{most}" if service.unknown else str(most)
            return text(f"outcomes.finding.{wave}", language, work=work.words(language), service=ends)
    waits = _count(found, "outcome_bounds", whose, wave="exit", group="in_work").not_yet
    return text("summary.none.after_not_yet" if waits else "summary.none.after", language)


def _heading(found: GatheredTables, whose: str, findings: Sequence[str], language: str) -> str:
    """Return the first thing to know: rights and work, as far as they are known; else who came, else how many take part."""
    change = _change(found, _RATED, whose)
    work = _count(found, "outcome_bounds", whose, wave=_FIRST, group="in_work").words(language)
    if change is not None and change.n_paired:
        rights = tables.count(change.improved, change.n_paired, language)
        return text("spine.finding" if _known(work) else "spine.finding.rights", language, rights=rights, work=work)
    if _known(work):
        return findings[-1]
    if _sessions(found, _RATES[0], whose).n:
        return findings[0]
    return text("summary.started", language, people=text("people", language, n=_people(found, whose).yes))


def _when(cohorts: pd.DataFrame, reporting_date: Any, language: str) -> str:
    """Return which cohorts, from when to when, and as of which day."""
    parts = [listing(map(str, cohorts["cohort_id"]), language)]
    first, last = cohorts["start_date"].min(), cohorts["end_date"].max()
    if not pd.isna(first) and not pd.isna(last):
        parts.append(f"{day(first.date(), language)} – {day(last.date(), language)}")
    if reporting_date:
        parts.append(text("summary.until", language, date=day(reporting_date, language)))
    return " · ".join(part for part in parts if part)


def _facts(found: GatheredTables, whose: str, language: str) -> list[tuple[str, str]]:
    """Return figure and words of what was offered and taken: places, completions, hours, the share of everyday life and wellbeing."""
    people, places = _people(found, whose).yes, measure_rows(found, "participants", cohort_id=whose)["denominator"].sum()
    completed = _count(found, "completion", whose, group="completed")
    facts = [(tables.count(people, places, language) if places else number(people, language), text("summary.places", language))]
    ongoing = _count(found, "completion", whose, group="ongoing").yes
    if completed.people > ongoing:  # while all are still there, nobody could have completed
        facts.append((tables.count(completed.yes, completed.people, language), text("summary.completed", language)))
    if ongoing:
        facts.append((number(ongoing, language), text("summary.ongoing", language)))
    hours = measure_rows(found, "delivered_hours", cohort_id=whose)
    held, planned = (float(hours[name].sum()) for name in ("numerator", "denominator"))
    facts.append((tables.count(held, planned, language) if planned else tables.points(held, language), text("summary.hours", language)))
    weight = measure_rows(found, "everyday_wellbeing_share", cohort_id=whose, group="held")
    everyday, every = (float(weight[name].sum()) for name in ("numerator", "denominator"))
    return [*facts, (percent(everyday / every, language), text("summary.weight", language))] if every else facts


def _of_one(found: GatheredTables, cohort: str, findings: Sequence[str], plan: AnalysisPlan, language: str) -> list[_Block]:
    """Return the blocks of one cohort: weeks and groups, self-rating and knowledge, needs, and the situations at each follow-up."""
    came, rated, needed, after = findings
    weekly = tuple(SpineRow("", "", (cell,)) for cell in _weeks(found, cohort, language))
    asked = text("summary.questions", language, n=len(load_contract().instruments[_KNOWN].items))
    rows = [
        _row(text("spine.average", language), "", average_cells(found, _RATED, language), cohort),
        _row(text("spine.rights", language), "", changed_cells(found, _RATED, language), cohort),
        _row(text("spine.knowledge", language), asked, changed_cells(found, _KNOWN, language), cohort),
    ]
    columns = tuple(Column(text("outcomes.at_the_end", language) if wave == "exit" else tables.code_label("wave", wave, language)) for wave in _WAVES)
    spine = Spine(columns, (SpineGroup("", "", tuple(_situations(found, cohort, language))),), legend_of(("yes", "unknown", "no", "not_yet"), language))
    sizes = legend_of(("three", "two", "fewer", "undecided"), language) if weekly else ()
    moved = legend_of(("improved", "same", "worse", "unknown"), language)
    return [
        _Block(text("summary.attendance", language), came, weekly, legend=sizes, note=text("summary.weeks", language) if weekly else ""),
        _Block(text("summary.rights", language), rated, tuple(rows), legend=moved, note=_chance(found, cohort, plan, language)),
        _Block(text("summary.needs", language), needed, note=text("summary.needs.note", language)),
        _Block(text("summary.after", language), after, spine=spine),
    ]


def _row(name: str, detail: str, cells: Mapping[str, Cell], cohort: str) -> SpineRow:
    return SpineRow(name, detail, (cells.get(cohort, Cell("–")),))


def _weeks(found: GatheredTables, cohort: str, language: str) -> list[Cell]:
    """Return attendance week by week, and a square for each group session; nothing before the first week."""
    rates = [weekly_counts(found, rate) for rate in _RATES]
    sizes = [weekly_counts(found, "group_viability", threshold=people) for people in _SIZES]
    weeks = sorted({int(week) for week, own in rates[0] if week.isdigit() and own == cohort})
    came, groups = _sessions(found, _RATES[0], cohort), _sessions(found, "group_viability", cohort, threshold=_SIZES[0])
    if not came.n:
        return []
    shares = [tuple(count.k / count.n if count.n else None for count in (weekly.get((str(w), cohort), SessionCount()) for w in weeks)) for weekly in rates]
    zero, half, whole = (percent(share, language) for share in (0, 0.5, 1))
    line = Cell(came.words(language), percent(came.k / came.n, language), drawn=Weeks(shares[0], shares[1], (zero, half, whole)))
    kinds = [kinds_of_sessions(*(weekly.get((str(w), cohort), SessionCount()) for weekly in sizes)) for w in weeks]
    squares = Squares(tuple(tuple(kind for kind, n in own.items() for _ in range(n)) for own in kinds))
    return [line, Cell(groups.words(language), text("spine.two_or_more", language), drawn=squares)]


def _at(found: GatheredTables, name: str, wave: str, language: str) -> Cells:
    """Return how many were reached at a follow-up, are in a situation, or had contact in the month of it; at the end nobody is asked of contact."""
    if name == "support":
        return people_cells(found, "support_continuing", language, shown=(), group=_WAVES[wave])
    if name == "reached":
        return people_cells(found, REACH, language, shown=(), wave=wave)
    return people_cells(found, "outcome_bounds", language, shown=(), wave=wave, group=name)


def _situations(found: GatheredTables, cohort: str, language: str) -> Iterable[SpineRow]:
    """Give a row for reach, for each situation and for contact, with a cell for each follow-up."""
    for name in ("reached", *_OUTCOMES, "support"):
        words = text("summary.contact" if name == "support" else _NAMES.get(name, f"spine.{name}"), language)
        none = {wave: "" if name == "support" and not _WAVES[wave] else "–" for wave in _WAVES}
        yield SpineRow(words, "", tuple(_at(found, name, wave, language).get(cohort, Cell(none[wave])) for wave in _WAVES))


def _chance(found: GatheredTables, cohort: str, plan: AnalysisPlan, language: str) -> str:
    """Return the interval of the change where there is one, and how often chance alone gives the clearest result."""
    change = _change(found, _RATED, cohort)
    if change is None or pd.isna(change.p_floor):
        return ""
    said = []
    if not pd.isna(change.lower) and change.unit == "points":
        ends = tables.between((float(change.lower), float(change.upper)), language, tables.points)
        said.append(text("summary.interval", language, ends=ends, level=level_words(1 - plan.alpha, language)))
    return " ".join([*said, text("inference.floor", language, floor=once_in(float(change.p_floor), language))])


def _of_several(found: GatheredTables, findings: Sequence[str], language: str) -> list[_Block]:
    """Return one block: the cohorts side by side, each group of rows under what was found."""
    came, rated, needed, after = findings
    wave = tables.code_label("wave", _FIRST, language)
    during = {"took_part": took_part_cells(found, language), "came": _rate_cells(found, _RATES[0], language)}
    during["groups"] = _rate_cells(found, "group_viability", language, threshold=_SIZES[0])
    rights: dict[str, Cells] = {"average": _levels(average_cells(found, _RATED, language))}
    rights |= {"rights": changed_cells(found, _RATED, language), "knowledge": changed_cells(found, _KNOWN, language)}
    needs = {"needs": _rate_cells(found, "needs_met", language)}
    later = {name: _at(found, name, _FIRST, language) for name in ("reached", "in_work", "fair_work", "in_study", "next_service", "support")}
    made = []
    for title, rows in ((came, during), (rated, rights), (needed, needs), (after, later)):
        named = [row_of(found, text(_NAMES.get(name, f"spine.{name}"), language), wave if title == after else "", cells) for name, cells in rows.items()]
        made.append(SpineGroup(title, "", tuple(named)))
    kinds = ("yes", "unknown", "no", "improved", "same", "worse", "left", "free", "not_yet")
    spine = Spine(columns_of(found, language), tuple(made), legend_of(kinds, language), text("summary.note", language))
    return [_Block("", "", spine=spine)]


def _levels(cells: Mapping[str, Cell]) -> Cells:
    """Return averages as the levels before and after; what chance could do is told on the later pages."""
    return {cohort: Cell(cell.heard or cell.figure, cell.figure if cell.heard else "") for cohort, cell in cells.items()}


def _rate_cells(found: GatheredTables, measure: str, language: str, **where: int) -> Cells:
    """Return how many of how many, with a bar; "not yet" where there is nothing but what is to come."""
    cells = {}
    for cohort in (*map(str, found.table("cohorts")["cohort_id"]), EVERY_COHORT):
        count = _sessions(found, measure, cohort, **where)
        cells[cohort] = bar_cell(count.k, count.n, language) if count.n else Cell(count.words(language))
    return cells


def _unknown(found: GatheredTables, whose: str, plan: AnalysisPlan, language: str) -> list[str]:
    """Return what these figures cannot tell: what caused a change, how it would go for others, and of whom nothing is known."""
    said = [text("summary.unknown.cause", language)]
    share = measure_rows(found, "paired_change", cohort_id=whose, group="improved").dropna(subset=["lower", "upper"])
    if len(share) and share["denominator"].iloc[0]:
        ends = tables.share_between((float(share["lower"].iloc[0]), float(share["upper"].iloc[0])), language)
        count = tables.count(share["numerator"].iloc[0], share["denominator"].iloc[0], language)
        said.append(text("summary.unknown.others", language, count=count, ends=ends, level=level_words(1 - plan.alpha, language)))
    missing = {wave: _count(found, "outcome_bounds", whose, wave=wave, group="in_work") for wave in _WAVES}
    named = {wave: text("outcomes.at_the_end", language).lower() if wave == "exit" else tables.code_label("wave", wave, language) for wave in _WAVES}
    parts = [f"{named[wave]}: {tables.count(each.unknown, each.people, language)}" for wave, each in missing.items() if each.unknown]
    if parts:
        said.append(text("summary.unknown.people", language, each="; ".join(parts)))
    change = _change(found, _RATED, whose)
    if change is not None and change.n_missing:
        said.append(text("summary.unknown.answers", language, n=int(change.n_missing)))
    waits = [f"{named[wave]}: {each.not_yet}" for wave, each in missing.items() if each.not_yet]
    if waits:
        said.append(text("summary.unknown.not_yet", language, each="; ".join(waits)))
    return said


def _to_do(found: GatheredTables, whose: str, due: pd.DataFrame, plan: AnalysisPlan, language: str) -> list[str]:
    """Return what the data and the plan ask for before the next cohort begins; that there is nothing, where there is nothing."""
    said = []
    late, open_now = (due[due["state"] == state] for state in ("overdue", "due"))
    if len(late):
        said.append(text("summary.next.overdue", language, n=len(late)))
    if len(open_now):
        said.append(text("summary.next.due", language, n=len(open_now), day=day(open_now["closes"].min().date(), language)))
    gaps = _sessions(found, _RATES[0], whose).missing
    if gaps:
        said.append(text("summary.next.gaps", language, n=gaps))
    change = _change(found, _RATED, whose)
    if change is not None and change.n_missing:
        said.append(text("summary.next.answers", language, n=int(change.n_missing)))
    if not plan.primary:
        said.append(text("summary.next.plan", language))
    return said or [text("summary.next.nothing", language)]


def _told(blocks: Sequence[_Block], language: str) -> pd.DataFrame:
    """Return all that the figures say as a table: as they stand where cohorts are side by side, else a row each."""
    whole = [block.spine for block in blocks if block.spine]
    if len(blocks) == 1:
        return whole[0].table(text("table.asked", language))
    rows = [[row.name or block.question, cell.words] for block in blocks for row in block.rows for cell in row.cells]
    for spine in whole:
        rows += [
            [f"{row.name}, {column.name}", cell.words] for _, row in spine.rows() for column, cell in zip(spine.columns, row.cells, strict=True) if cell.words
        ]
    return pd.DataFrame(rows, columns=[text("table.asked", language), text("table.indicator", language)], dtype="str")
