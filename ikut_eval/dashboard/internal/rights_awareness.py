"""What people say of their rights before and after, and what they know: the cohorts side by side, then statement by statement, then how certain it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from ikut_eval.contract.locale import level_words, listing, number, once_in, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.page import PageContent, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, spine_exhibit
from ikut_eval.present.exhibits.certainty import JUDGED, JudgedChange, cohort_floor_words, estimate_of, judged_row
from ikut_eval.present.side_by_side import (
    EVERY_COHORT,
    Cells,
    average_cells,
    cell_of,
    cell_of_few_pairs,
    changed_cells,
    columns_of,
    in_order,
    legend_of,
    measure_rows,
    row_of,
    signed,
)
from ikut_eval.present.spine import Cell, ChangeBand, Column, Dumbbell, Spine, SpineGroup, SpineRow
from ikut_eval.release.store import Bundle

FIRST = "rights_awareness"
KNOWLEDGE = "rights_knowledge"
_FEWEST = 5
"""People of whom a statement is told."""
_START, _END = "start", "exit"


def internal_rights_awareness(bundle: Bundle, language: str) -> PageContent:
    """Return how self-rating and knowledge changed, by cohort and by statement, the other questionnaires, and how certain each change is."""
    asked = _instruments(bundle)
    sections = (
        _rights(bundle, language),
        _statements(bundle, language),
        _knowledge(bundle, language),
        _others(bundle, [i for i in asked if i not in (FIRST, KNOWLEDGE)], language),
        _certainty(bundle, asked, language),
    )
    return PageContent((), sections, finding=_finding(bundle, language))


def _instruments(bundle: Bundle) -> tuple[str, ...]:
    """Return the questionnaires asked twice, in the order of the bundle: the primary outcome first."""
    return tuple(dict.fromkeys(str(name) for name in bundle.table("changes")["instrument"]))


def _changes(bundle: Bundle, *instruments: str) -> pd.DataFrame:
    table = bundle.table("changes")
    return in_order(table[table["instrument"].isin(instruments)], bundle)


def _of_all(bundle: Bundle, instrument: str) -> Any:
    """Return the change of all cohorts together."""
    return next(row for row in _changes(bundle, instrument).itertuples() if row.cohort_id == EVERY_COHORT)


def _finding(bundle: Bundle, language: str) -> str:
    """Return how many rate themselves higher, and how many give more right answers; as far as there are any."""
    rated, known = (_of_all(bundle, instrument) for instrument in (FIRST, KNOWLEDGE))
    if not rated.n_paired:
        return ""
    words = {"rated": tables.count(rated.improved, rated.n_paired, language), "known": tables.count(known.improved, known.n_paired, language)}
    return text("spine.rights.finding" if known.n_paired else "spine.rights.finding.rated", language, **words)


def _rights(bundle: Bundle, language: str) -> Section:
    """Return self-rating and knowledge of the cohorts side by side."""
    questions = len(load_contract().instruments[KNOWLEDGE].items)
    asked = text("spine.questions", language, n=questions)
    known = (
        row_of(bundle, text("spine.knowledge", language), asked, changed_cells(bundle, KNOWLEDGE, language)),
        row_of(bundle, text("spine.average", language), text("spine.average.questions", language), _right_answers(bundle, questions, language)),
    )
    groups = (
        SpineGroup(text("spine.group.rated", language), "", (_average_row(bundle, FIRST, language), _higher_row(bundle, FIRST, language))),
        SpineGroup(text("spine.group.known", language), "", known),
    )
    every, (low, high) = _of_all(bundle, FIRST), load_contract().instruments[FIRST].score_range
    found = ""
    if not pd.isna(every.mean_start):
        levels = {"before": number(every.mean_start, language), "after": number(every.mean_end, language)}
        found = text("spine.change", language, low=low, high=high, **levels)
    said = text("spine.change.said", language, statements=len(load_contract().instruments[FIRST].items), questions=questions)
    return _section("change", _of_cohorts(bundle, groups, (FIRST, KNOWLEDGE), language, said, "change"), found, language)


def _others(bundle: Bundle, instruments: Sequence[str], language: str) -> Section:
    """Return the change in the other questionnaires, in the same columns."""
    groups = tuple(
        SpineGroup(tables.instrument_name(i, language), "", (_average_row(bundle, i, language), _higher_row(bundle, i, language))) for i in instruments
    )
    every = [_of_all(bundle, instrument) for instrument in instruments]
    counts = [tables.count(row.improved, row.n_paired, language) for row in every if row.n_paired]
    found = text("spine.others", language, counts=listing(counts, language)) if counts else ""
    return _section("others", _of_cohorts(bundle, groups, instruments, language, text("spine.others.said", language), "others"), found, language)


def _of_cohorts(bundle: Bundle, groups: tuple[SpineGroup, ...], instruments: Sequence[str], language: str, said: str, name: str) -> Exhibit:
    table = _changes(bundle, *instruments)
    kinds = ("improved", "same", "worse", "unknown", *(("not_yet",) if table["n_not_yet"].any() else ()))
    spine = Spine(columns_of(bundle, language), groups, (*_before_after(language), *legend_of(kinds, language)))
    noted = [text("spine.change.note", language), *_highest_levels(_changes(bundle, instruments[0]), language)] if FIRST in instruments else []
    caution = " ".join([*noted, tables.measure_caution("paired_change", language)]) + tables.versions_caution(table, language)
    caption = text(f"spine.{name}.question", language)
    return spine_exhibit(spine, language=language, about="paired_change", sentence=said, caption=caption, caution=caution)


def _before_after(language: str) -> tuple[tuple[str, str], ...]:
    return ("no", text("spine.legend.start", language)), ("yes", text("spine.legend.end", language))


def _highest_levels(table: pd.DataFrame, language: str) -> list[str]:
    """Return which level of an interval so few people allow, where it is below the planned one."""
    judged = table[table["highest_level"].notna()]
    few = judged[judged["highest_level"] < 1 - judged["alpha"]].drop_duplicates("n_paired").sort_values("n_paired")
    levels = [text("spine.change.level", language, level=level_words(float(row.highest_level), language), n=int(row.n_paired)) for row in few.itertuples()]
    return [text("spine.change.levels", language, levels=listing(levels, language))] if levels else []


def _average_row(bundle: Bundle, instrument: str, language: str) -> SpineRow:
    """Return the average before and after of the people who answered both times, with the exact interval of its change where there is one."""
    low, high = load_contract().instruments[instrument].score_range
    detail = text("spine.average.detail", language, low=low, high=high)
    return row_of(bundle, text("spine.average", language), detail, average_cells(bundle, instrument, language))


def _higher_row(bundle: Bundle, instrument: str, language: str) -> SpineRow:
    """Return how many rose by at least what counts as a change."""
    name = text("spine.rights" if instrument == FIRST else "spine.higher", language)
    least = text("spine.higher.detail", language, least=tables.points(float(_of_all(bundle, instrument).smallest_change), language))
    return row_of(bundle, name, least, changed_cells(bundle, instrument, language))


def _right_answers(bundle: Bundle, questions: int, language: str) -> Cells:
    """Return how many right answers the same people gave on average, before and after."""
    cells = {}
    for row in _changes(bundle, KNOWLEDGE).itertuples():
        if pd.isna(row.mean_start):
            cells[str(row.cohort_id)] = cell_of_few_pairs(row, language)
            continue
        before, after = float(row.mean_start), float(row.mean_end)
        words = f"{number(before, language)} → {number(after, language)}"
        cells[str(row.cohort_id)] = Cell(words, text("spine.of", language, n=questions), drawn=Dumbbell(before / questions, after / questions))
    return cells


def _statements(bundle: Bundle, language: str) -> Section:
    """Return, statement by statement of all cohorts together, how many agreed before and after, and whose answer moved."""
    agreed, people = measure_rows(bundle, "item_agreement", cohort_id=EVERY_COHORT), _people(bundle)
    shifts = bundle.table("item_shifts").loc[lambda table: table["cohort_id"] == EVERY_COHORT].set_index("item")
    groups, moves = [], []
    for instrument in sorted(_instruments(bundle), key=lambda each: each != FIRST):
        rows = []
        for item in load_contract().instruments[instrument].items:
            at = _at_both_times(agreed, item.id)
            if at is None or item.id not in shifts.index:
                continue
            before, after, shift = *at, shifts.loc[item.id]
            rows.append(SpineRow(tables.item_text(item.id, language), "", _statement(before, after, shift, people, language)))
            if instrument == FIRST and after.denominator >= _FEWEST:
                moves.append(int(after.numerator) - int(before.numerator))
        if rows:
            groups.append(SpineGroup("" if instrument == FIRST else tables.instrument_name(instrument, language), "", tuple(rows)))
    kinds = legend_of(("improved", "same", "worse", "unknown"), language)
    exhibit = _list("statements", groups, ("agree", "moved"), (*_before_after(language), *kinds), "item_agreement", bundle, language)
    return _section("statements", exhibit, _moved("statements", moves, language), language)


def _people(bundle: Bundle) -> int:
    """Return how many people there are; at least one, as lines end at a share of them."""
    return max(1, *(int(n) for n in measure_rows(bundle, "participants", cohort_id=EVERY_COHORT)["numerator"]), 1)


def _at_both_times(table: pd.DataFrame, item: str) -> tuple[Any, Any] | None:
    """Return a measure's rows of an item at the start and at the end; None where it was not asked twice."""
    rows = {str(row.wave): row for row in table[table["group"] == item].itertuples()}
    return (rows[_START], rows[_END]) if {_START, _END} <= set(rows) else None


def _few(row: Any, language: str) -> Cell:
    """Return the cell of a statement that fewer people answered than are told of."""
    return Cell(text("not_yet", language) if row.n_not_yet and not row.denominator else text("spine.fewer_than", language, fewest=_FEWEST))


def _statement(before: Any, after: Any, shift: Any, people: int, language: str) -> tuple[Cell, Cell]:
    n = int(after.denominator)
    if n < _FEWEST:
        return _few(after, language), Cell("–")
    agreed = Cell(
        f"{int(before.numerator)} → {int(after.numerator)}",
        text("spine.of", language, n=n),
        drawn=Dumbbell(before.numerator / people, after.numerator / people, n / people),
    )
    parts = {"improved": int(shift["improved"]), "same": int(shift["same"]), "worse": int(shift["worse"]), "unknown": int(shift["n_missing"])}
    figure = text("spine.improved", language, n=parts["improved"])
    return agreed, cell_of(EVERY_COHORT, figure, parts, language, shown=("same", "worse"))


def _knowledge(bundle: Bundle, language: str) -> Section:
    """Return, question by question of all cohorts together, how many answered right, and what the others answered."""
    tables_of = {kind: measure_rows(bundle, f"knowledge_{kind}", cohort_id=EVERY_COHORT) for kind in ("correct", "dont_know", "wrong")}
    instrument, people = load_contract().instruments[KNOWLEDGE], _people(bundle)
    rows, moves = [], []
    for item in instrument.items:
        at = {kind: both for kind, table in tables_of.items() if (both := _at_both_times(table, item.id)) is not None}
        if "correct" not in at:
            continue
        before, after = at["correct"]
        detail = text("spine.right_answer", language, answer=tables.code_label("tfdk", item.correct or "", language).lower())
        if min(before.denominator, after.denominator) < _FEWEST:
            cells: tuple[Cell, ...] = (_few(after, language), Cell("–"))
        else:
            moves.append(after.numerator / after.denominator - before.numerator / before.denominator)
            other = {kind: [int(row.numerator) for row in at[kind]] for kind in ("dont_know", "wrong")}
            told = " · ".join(text(f"spine.answered.{kind}", language, before=k[0], after=k[1]) for kind, k in other.items())
            cells = (_right(before, after, people, language), Cell("", told))
        rows.append(SpineRow(item.text[language], detail, cells))
    groups = [SpineGroup("", "", tuple(rows))] if rows else []
    exhibit = _list("knowledge", groups, ("right", "other"), _before_after(language), "knowledge_correct", bundle, language)
    return _section("knowledge", exhibit, _moved("knowledge", moves, language), language)


def _right(before: Any, after: Any, people: int, language: str) -> Cell:
    """Return how many answered right; of how many once where as many answered both times."""
    counts = [int(row.numerator) for row in (before, after)]
    of = [text("spine.of", language, n=int(row.denominator)) for row in (before, after)]
    figure = f"{counts[0]} → {counts[1]}" if of[0] == of[1] else f"{counts[0]} {of[0]} → {counts[1]}"
    drawn = Dumbbell(counts[0] / people, counts[1] / people, max(before.denominator, after.denominator) / people)
    return Cell(figure, of[1], drawn=drawn)


def _moved(name: str, moves: Sequence[float], language: str) -> str:
    """Return on how many statements or questions more people agree or answer right, and on how many fewer."""
    if not moves:
        return ""
    return text(f"spine.{name}.found", language, up=sum(m > 0 for m in moves), down=sum(m < 0 for m in moves), n=len(moves))


def _list(
    name: str,
    groups: Sequence[SpineGroup],
    columns: tuple[str, str],
    legend: tuple[tuple[str, str], ...],
    about: str,
    bundle: Bundle,
    language: str,
) -> Exhibit:
    """Return rows of all cohorts together, under columns named by what they are."""
    made = tuple(groups) or (SpineGroup("", "", (SpineRow(text("sentence.no_answers", language), "", (Cell("–"), Cell("–"))),)),)
    spine = Spine(tuple(Column(text(f"spine.column.{column}", language)) for column in columns), made, legend if groups else (), together=False)
    versions = tables.versions_caution(measure_rows(bundle, about, cohort_id=EVERY_COHORT), language)
    caution = f"{text(f'spine.{name}.note', language)}{versions}"
    caption = f"{text(f'spine.{name}.question', language)} {text('table.all_cohorts', language)}"
    return spine_exhibit(spine, language=language, about=about, sentence=text(f"spine.{name}.said", language), caption=caption, caution=caution)


def _section(name: str, exhibit: Exhibit, found: str, language: str) -> Section:
    """Return a section under what was found; under its question where nothing was."""
    question = text(f"spine.{name}.question", language)
    return Section(name, found or question, {(): exhibit}, question=question if found else "")


def _certainty(bundle: Bundle, instruments: Sequence[str], language: str) -> Section:
    """Return every change with its interval on one axis, and what chance alone would give; for the table, what a report tells of each."""
    found = {instrument: _judged(bundle, instrument) for instrument in instruments}
    told = {instrument: {one.cohort_id: judged_row(one, language) for one in own} for instrument, own in found.items()}
    reach = _reach(told)
    rows = tuple(_certain_row(bundle, instrument, own, told[instrument], reach, language) for instrument, own in found.items())
    judged = [one for own in found.values() for one in own if one.judged]
    level = level_words(1 - judged[0].judged["alpha"], language) if judged else ""
    note = " ".join([text("spine.certainty.note", language, level=level), *_clearest(judged, language)]) if judged else ""
    question, heading = text("dash.section.certainty", language), _without_zero(found, language)
    cautions = [text("assumption.exchangeable_within_person", language), tables.measure_caution("paired_change", language)]
    shown = spine_exhibit(
        Spine(columns_of(bundle, language, brief=True), (SpineGroup("", "", rows),), note=note),
        language=language,
        about="paired_change",
        sentence=" ".join(_planned(found, level, language)) if judged else text("sentence.no_pairs", language),
        caption=question,
        caution=" ".join(cautions) + tables.versions_caution(bundle.table("changes"), language),
    )
    return Section("certainty", heading or question, {(): replace(shown, table=_as_in_reports(found, told, language))}, question=question if heading else "")


def _judged(bundle: Bundle, instrument: str) -> list[JudgedChange]:
    """Return the changes of each cohort and of all together as the plan judges them."""
    found = []
    for row in _changes(bundle, instrument).to_dict("records"):
        judged = {} if pd.isna(row["mean"]) else {str(name): None if pd.isna(value) else value for name, value in row.items()}
        found.append(JudgedChange(str(row["cohort_id"]), int(row["n_paired"]), int(row["n_missing"]), judged))
    return found


def _reach(told: Mapping[str, Mapping[str, ExhibitRow]]) -> float:
    """Return how far the axis of every change reaches to both sides: half of the questionnaire's scale, or the whole where one is as large."""
    furthest = 0.0
    for instrument, rows in told.items():
        low, high = load_contract().instruments[instrument].score_range
        drawn = [row.mark for row in rows.values() if row.mark]
        furthest = max([furthest, *(abs(value) / (high - low) for _, _, between, ends, _ in drawn for value in (*between, *(ends or ())))])
    return 0.5 if furthest <= 0.5 else 1.0


def _certain_row(bundle: Bundle, instrument: str, found: Sequence[JudgedChange], told: Mapping[str, ExhibitRow], reach: float, language: str) -> SpineRow:
    """Return the change of each cohort on one axis, with its interval and how often chance alone would give as clear a result."""
    low, high = load_contract().instruments[instrument].score_range
    end = reach * (high - low)
    cells = {str(row.cohort_id): cell_of_few_pairs(row, language) for row in _changes(bundle, instrument).itertuples()}
    cells |= {one.cohort_id: _certain(one.judged, told[one.cohort_id], end, language) for one in found if one.judged}
    words = {"low": tables.points(-end, language), "high": tables.points(end, language)}
    estimate = estimate_of([one.judged for one in found if one.judged])
    return row_of(bundle, tables.instrument_name(instrument, language), text(f"spine.certainty.{estimate}", language, **words), cells)


def _certain(judged: Mapping[str, Any], row: ExhibitRow, end: float, language: str) -> Cell:
    _, _, (value, _), ends, _ = row.mark
    lower, upper = ends or (value, value)
    said = [tables.between(ends, language, tables.points)] if ends else []
    said.append(text("spine.certainty.chance", language, p=once_in(judged["p"], language)))
    planned = text("plan.planned" if judged["planned"] else "plan.exploratory", language)
    heard = [] if judged["lower"] is not None else [text("spine.certainty.none", language, level=level_words(1 - judged["alpha"], language))]
    (said if judged["planned"] else heard).append(planned)
    drawn = ChangeBand(lower / end, value / end, upper / end)
    return Cell(signed(value, language), " · ".join(said), ", ".join(heard), drawn=drawn)


def _planned(found: Mapping[str, Sequence[JudgedChange]], level: str, language: str) -> list[str]:
    """Return whether any cohort has an interval of its own, what was planned in advance, and how many changes were looked at."""
    judged = [(instrument, one) for instrument, own in found.items() for one in own if one.judged]
    of_cohorts = any(one.judged["lower"] is not None for _, one in judged if one.cohort_id != EVERY_COHORT)
    said = [] if of_cohorts else [text("spine.certainty.too_few", language, level=level)]
    planned = [tables.instrument_name(instrument, language) for instrument, one in judged if one.judged["planned"]]
    said += [text("spine.certainty.planned", language, measure=measure) for measure in planned] or [text("plan.exploratory", language)]
    return [*said, text("plan.looked_at", language, n=len(judged))]


def _clearest(judged: Sequence[JudgedChange], language: str) -> list[str]:
    """Return how often chance alone gives the clearest result that so few people can give, by the number of people of a cohort."""
    floors = sorted({(one.n_paired, one.judged["p_floor"]) for one in judged if one.cohort_id != EVERY_COHORT})
    each = [text("spine.certainty.floor", language, n=n, floor=once_in(floor, language)) for n, floor in floors]
    return [text("spine.certainty.floors", language, each=listing(each, language))] if each else []


def _without_zero(found: Mapping[str, Sequence[JudgedChange]], language: str) -> str:
    """Return in how many questionnaires the interval of all cohorts together leaves out no change; empty where none has an interval."""
    every = [one.judged for own in found.values() for one in own if one.cohort_id == EVERY_COHORT and one.judged]
    in_points = [judged for judged in every if judged["unit"] == "points" and judged["lower"] is not None]
    without = sum(judged["lower"] > 0 or judged["upper"] < 0 for judged in in_points)
    return text("spine.certainty.found", language, count=tables.count(without, len(every), language)) if in_points else ""


def _as_in_reports(found: Mapping[str, Sequence[JudgedChange]], told: Mapping[str, Mapping[str, ExhibitRow]], language: str) -> pd.DataFrame:
    """Return what the table of a report tells of each change, by questionnaire, and what is said of it in words."""
    rows = []
    for instrument, own in found.items():
        cohorts = sum(one.n_paired > 0 for one in own if one.cohort_id != EVERY_COHORT)
        for one in own:
            row = told[instrument][one.cohort_id]
            floor = cohort_floor_words(cohorts, language) if one.cohort_id == EVERY_COHORT and one.judged else ""
            rows.append([tables.instrument_name(instrument, language), *row.cells, " ".join(filter(None, (row.line, floor))) or "–"])
    return pd.DataFrame(rows, columns=tables.headings(language, "instrument", "cohort", *JUDGED, "in_words"), dtype="str")
