"""The first ten seconds: the cohorts side by side, then what people needed, what they wished for, and who goes on with the support."""

from collections.abc import Mapping

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.internal.outcomes import MONTH_OF
from ikut_eval.dashboard.internal.rights_awareness import FIRST
from ikut_eval.dashboard.page import Control, PageContent, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, spine_exhibit
from ikut_eval.present.side_by_side import (
    EVERY_COHORT,
    REACH,
    Cells,
    came_cells,
    changed_cells,
    columns_of,
    columns_of_all,
    legend_of,
    measure_rows,
    people_cells,
    row_of,
    took_part_cells,
)
from ikut_eval.present.spine import MOST_MARKS, Cell, Spine, SpineGroup, SpineRow
from ikut_eval.release.store import Bundle

_KINDS = ("yes", "unknown", "no", "improved", "same", "worse", "left", "free", "not_yet")
_WAVES = ("m6", "exit", "m3", "m12")
"""The follow-ups among which a reader chooses: six months first."""
_AFTER = ("in_work", "fair_work", "in_study")


def internal_overview(bundle: Bundle, language: str) -> PageContent:
    """Return what a reader wants to know first."""
    first: Panels = {(wave,): _side_by_side(bundle, wave, language) for wave in _WAVES}
    sections = (Section("cohorts", "", first, ("wave",)), _needs(bundle, language), _wanted(bundle, language), _handed(bundle, language))
    waves = Control("wave", text("dash.control.wave", language), tuple((wave, tables.code_label("wave", wave, language)) for wave in _WAVES))
    return PageContent((waves,), sections, finding=_finding(bundle, language))


def _side_by_side(bundle: Bundle, wave: str, language: str) -> Exhibit:
    """Return the cohorts side by side: during the training, rights, and how people are at a follow-up."""
    groups: Mapping[str, Mapping[str, Cells]] = {
        "attendance": {"took_part": took_part_cells(bundle, language), "came": came_cells(bundle, "attendance_rate", language)},
        "rights_awareness": {"rights": changed_cells(bundle, FIRST, language), "knowledge": changed_cells(bundle, "rights_knowledge", language)},
        "outcomes": {
            "reached": people_cells(bundle, REACH, language, wave=wave),
            **{name: people_cells(bundle, "outcome_bounds", language, wave=wave, group=name) for name in _AFTER},
            "support": people_cells(bundle, "support_continuing", language, group=MONTH_OF[wave]),
        },
    }
    words = {"wave": tables.code_label("wave", wave, language), "month": MONTH_OF[wave]}
    made = []
    for page, rows in groups.items():
        named = [row_of(bundle, text(f"spine.{name}", language), text(f"spine.{name}.detail", language, **words), cells) for name, cells in rows.items()]
        made.append(SpineGroup(text(f"spine.group.{page}", language, **words), page, tuple(named)))
    spine = Spine(columns_of(bundle, language), tuple(made), legend_of(_KINDS, language), text("spine.note", language))
    caption = f"{text('dash.title.overview', language)} {words['wave']}"
    return spine_exhibit(spine, language=language, about="outcome_bounds", sentence=_standfirst(bundle, language), caption=caption)


def _finding(bundle: Bundle, language: str) -> str:
    """Return in one line how many report knowing their rights better, and how many work at six months; as far as it is known yet."""
    rights, work = (
        _all(cells) for cells in (changed_cells(bundle, FIRST, language), people_cells(bundle, "outcome_bounds", language, wave="m6", group="in_work"))
    )
    if not _known(rights):
        return ""
    return text("spine.finding" if _known(work) else "spine.finding.rights", language, rights=rights.figure, work=work.figure)


def _standfirst(bundle: Bundle, language: str) -> str:
    """Return how many took part, and of how many the figures after the training are."""
    said = [text("spine.standfirst.places", language, places=_all(took_part_cells(bundle, language)).figure)]
    reached = _all(people_cells(bundle, REACH, language, wave="m6"))
    return " ".join([*said, text("spine.standfirst.reached", language, reached=reached.figure)] if _known(reached) else said)


def _all(cells: Cells) -> Cell:
    return cells.get(EVERY_COHORT, Cell("–"))


def _known(cell: Cell) -> bool:
    return any(letter.isdigit() for letter in cell.figure)


def _needs(bundle: Bundle, language: str) -> Section:
    """Return of each need how many had it at the start, and of how many it was met."""
    table = measure_rows(bundle, "needs_met", cohort_id=EVERY_COHORT)
    met, needs = int(table["numerator"].sum()), int(table["denominator"].sum())
    rows = []
    for row in table.itertuples():
        yes, n, unknown = int(row.numerator), int(row.denominator), int(row.n_missing)
        rows.append(_row("need_domain", str(row.group), tables.count(yes, n, language), {"yes": yes, "no": n - yes, "unknown": unknown}, language))
    found = text("spine.needs", language, met=tables.count(met, needs, language)) if needs else ""
    return _list("needs", text("dash.section.needs", language), found, rows, ("yes", "no", "unknown"), "needs_met", language)


def _wanted(bundle: Bundle, language: str) -> Section:
    """Return which form of support people put first."""
    table = measure_rows(bundle, "preferred_support_first", cohort_id=EVERY_COHORT, wave="start")
    table = table[table["denominator"].fillna(0) > 0]
    counts = {str(row.group): (int(row.numerator), tables.count(row.numerator, row.denominator, language)) for row in table.itertuples()}
    most = max(counts, key=lambda form: counts[form][0], default="")
    found = text("spine.wanted", language, count=counts[most][1], form=tables.code_label("support_form", most, language)) if most else ""
    rows = [_row("support_form", form, words, {"yes": n}, language) for form, (n, words) in counts.items()]
    return _list("wanted", text("dash.section.wanted", language), found, rows, ("yes",), "preferred_support_first", language)


def _handed(bundle: Bundle, language: str) -> Section:
    """Return to which service people were handed over, and to how many nobody was."""
    table = measure_rows(bundle, "handed_over", cohort_id=EVERY_COHORT)
    table = table[table["denominator"].fillna(0) > 0]
    rows = []
    for row in table.itertuples():
        kind, words = "no" if row.group == "none" else "yes", tables.count(row.numerator, row.denominator, language)
        rows.append(_row("next_service", str(row.group), words, {kind: int(row.numerator)}, language))
    going = table[table["group"] != "none"]
    n = tables.count(int(going["numerator"].sum()), int(going["denominator"].max()), language) if len(going) else ""
    return _list(
        "handed", text("spine.handed.question", language), text("spine.handed", language, count=n) if n else "", rows, ("yes", "no"), "handed_over", language
    )


def _row(code_list: str, code: str, figure: str, parts: Mapping[str, int], language: str) -> SpineRow:
    marks = tuple((kind, n) for kind, n in parts.items() if n)
    return SpineRow(tables.code_label(code_list, code, language), "", (Cell(figure, marks=marks if sum(parts.values()) <= MOST_MARKS else ()),))


def _list(name: str, question: str, found: str, rows: list[SpineRow], kinds: tuple[str, ...], about: str, language: str) -> Section:
    """Return rows of all cohorts together under what was found; under the question where nothing was."""
    note = text(f"spine.{name}.note", language)
    if not rows:
        rows, kinds = [SpineRow(text("sentence.nobody_due", language), "", (Cell("–"),))], ()
    spine = Spine(columns_of_all(language), (SpineGroup("", "", tuple(rows)),), legend_of(kinds, language), "")
    exhibit = spine_exhibit(spine, language=language, about=about, sentence=note, caption=question)
    return Section(name, found or question, {(): exhibit}, question=question if found else "")
