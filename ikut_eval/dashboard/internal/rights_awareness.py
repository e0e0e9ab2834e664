"""What people say about their own rights and lives before and after: change, its certainty, statements, knowledge."""

from itertools import product

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.internal.counts import EVERY_COHORT, cohort_of, in_order, label, measure_rows, one_by_one, page_controls
from ikut_eval.dashboard.page import Control, PageContent, Panels, Section
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.exhibits.certainty import JudgedChange, judged_changes, p_words
from ikut_eval.present.exhibits.rights import plot_items, plot_knowledge
from ikut_eval.present.figures_of_people import diverging_dots, stacked_counts
from ikut_eval.present.theme import Drawing
from ikut_eval.release.store import Bundle

FIRST = "rights_awareness"


def internal_rights_awareness(bundle: Bundle, language: str) -> PageContent:
    """Return change, its certainty, statements and knowledge."""
    asked = _instruments(bundle)
    chosen = Control("measure", text("dash.control.instrument", language), tuple((i, tables.instrument_name(i, language)) for i in asked))
    sections = (
        Section("change", text("dash.section.change", language), {(i,): change_exhibit(bundle, i, language) for i in asked}, ("measure",)),
        Section("certainty", text("dash.section.certainty", language), {(i,): _certainty(bundle, i, language) for i in asked}, ("measure",)),
        *_statements(bundle, language),
        _knowledge(bundle, language),
    )
    return PageContent(page_controls(bundle, language, chosen), sections)


def _instruments(bundle: Bundle) -> tuple[str, ...]:
    """Return the questionnaires asked twice, in the order of the bundle: the primary outcome first."""
    return tuple(dict.fromkeys(str(name) for name in bundle.table("changes")["instrument"]))


def _changes(bundle: Bundle, instrument: str) -> pd.DataFrame:
    table = bundle.table("changes")
    return in_order(table[table["instrument"] == instrument], bundle)


def change_exhibit(bundle: Bundle, instrument: str, language: str) -> Exhibit:
    """Return how many rose, stayed the same and fell between start and exit, the same people at both times."""
    rows = []
    for row in _changes(bundle, instrument).itertuples():
        group = label(str(row.cohort_id), language)
        up, same, down, pairs, missing = (int(n) for n in (row.improved, row.same, row.worse, row.n_paired, row.n_missing))
        line, mark = "", None
        if pairs or missing:
            line = text("sentence.change", language, cohort=group, up=up, same=same, down=down, n=pairs, missing=missing)
            mark = (group, down, same, up, missing, text("dash.change_note", language, up=up, same=same, down=down))
        cells = [group, *(str(n) for n in (up, same, down, pairs, missing, int(row.n_not_yet)))]
        rows.append(ExhibitRow(cohort_of(str(row.cohort_id)), cells, line, mark))
    return exhibit(
        rows,
        tables.headings(language, "cohort", "improved", "same", "worse", "pairs", "missing", "not_yet"),
        about="paired_change",
        language=language,
        draw=lambda marks: _change_drawings(marks, language),
        nothing="sentence.no_pairs",
        caption=tables.instrument_name(instrument, language),
        caution=_caution("paired_change", _changes(bundle, instrument), language),
    )


def _caution(measure: str, table: pd.DataFrame, language: str) -> str:
    """Return a measure's caution, with the versions of the questionnaire in a table if there are several."""
    return tables.measure_caution(measure, language) + tables.versions_caution(table, language)


def _change_drawings(rows: list[tuple[str, int, int, int, int, str]], language: str) -> dict[str, Drawing]:
    names, axis = tables.legend(theme.CHANGED, language), text("figure.people", language)
    bars = [(group, [("improved", up), ("same", same), ("worse", down), ("unknown", missing)], note) for group, down, same, up, missing, note in rows]
    return {"people": diverging_dots(rows, names=names)} | {
        view: stacked_counts(bars, kinds=theme.CHANGED, names=names, axis=axis, language=language, shares=view == "share") for view in ("counts", "share")
    }


def _certainty(bundle: Bundle, instrument: str, language: str) -> Exhibit:
    """Return the mean change as the plan judges it; how many were looked at is how many there are to choose from."""
    table, found = _changes(bundle, instrument), []
    for row in table.to_dict("records"):
        judged = {} if pd.isna(row["mean"]) else {str(name): None if pd.isna(value) else value for name, value in row.items()}
        found.append(JudgedChange(str(row["cohort_id"]), int(row["n_paired"]), int(row["n_missing"]), judged))
    return judged_changes(
        found,
        instrument=instrument,
        n_cohorts=sum(bool(one.judged) for one in found if one.cohort_id != EVERY_COHORT),
        n_looked_at=int(bundle.table("changes")["p"].notna().sum()),
        caution=_caution("paired_change", table, language),
        language=language,
    )


def _statements(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return, statement by statement, whose answer rose or fell, and how many agreed before and after."""
    shifts, agreement = bundle.table("item_shifts"), measure_rows(bundle, "item_agreement")
    moved: Panels = {}
    agreed: Panels = {}
    for instrument, cohort in product(_instruments(bundle), one_by_one(bundle)):
        items = {item.id for item in load_contract().instruments[instrument].items}
        here = shifts[(shifts["instrument"] == instrument) & (shifts["cohort_id"] == cohort)]
        both = agreement[agreement["group"].isin(items) & (agreement["cohort_id"] == cohort)]
        if len(here):
            moved[instrument, cohort] = _shift(here, cohort, language)
        if both["wave"].nunique() > 1:
            agreed[instrument, cohort] = plot_items(_start_first(both), language=language)
    named = (("statements", moved), ("agreement", agreed))
    return tuple(Section(name, text(f"dash.section.{name}", language), panels, ("measure", "group")) for name, panels in named if panels)


def _start_first(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("wave", key=lambda wave: wave != "start", kind="stable")


def _shift(table: pd.DataFrame, cohort: str, language: str) -> Exhibit:
    names = tables.legend(theme.CHANGED, language)
    answered = bool(table["n_paired"].sum())
    rows, risen, fallen = [], 0, 0
    for row in table.itertuples():
        item = f"{row.item} {tables.item_text(str(row.item), language)}"
        up, same, down, missing = (int(n) for n in (row.improved, row.same, row.worse, row.n_missing))
        risen, fallen = risen + (up > down), fallen + (down > up)
        p, adjusted, floor = ("–" if pd.isna(v) else p_words(float(v), language) for v in (row.p, row.p_holm, row.p_floor))
        mark = (tables.wrapped(item, 44), down, same, up, missing, text("dash.change_note", language, up=up, same=same, down=down))
        rows.append(ExhibitRow("", [item, str(up), str(same), str(down), str(missing), p, adjusted, floor], mark=mark))

    def draw(marks: list[tuple[str, int, int, int, int, str]]) -> Drawing:
        drawn = diverging_dots(marks, names=names)
        drawn.update_layout(meta={"short": [str(item) for item in table["item"]]})
        return drawn

    group = label(cohort, language)
    said = text("dash.statements", language, group=group, risen=risen, fallen=fallen, items=len(table))
    return exhibit(
        rows,
        [*tables.headings(language, "question"), *names.values(), *tables.headings(language, "p", "p_holm", "p_floor")],
        about="item_agreement",
        language=language,
        draw=draw if answered else None,
        more=[("", said)] if answered else [],
        nothing="sentence.no_pairs",
        caption=text("dash.statements_caption", language, group=group),
        caution=f"{_caution('item_agreement', table, language)} {text('plan.exploratory', language)}",
    )


def _knowledge(bundle: Bundle, language: str) -> Section:
    answers = pd.concat([measure_rows(bundle, f"knowledge_{kind}") for kind in ("correct", "wrong", "dont_know")])
    shown = _start_first(answers)
    panels: Panels = {(cohort,): plot_knowledge(shown[shown["cohort_id"] == cohort], language=language) for cohort in one_by_one(bundle)}
    return Section("knowledge", text("dash.section.knowledge", language), panels, ("group",))
