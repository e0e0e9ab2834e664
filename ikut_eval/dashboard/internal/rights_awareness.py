"""What people say of their own rights and lives before and after: change, its certainty, statements, knowledge."""

import pandas as pd

from ikut_eval.contract.locale import number, once_in, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.internal.tables import (
    ALL,
    cohort_ids,
    cohorts_control,
    group_control,
    in_order,
    instrument_name,
    label,
    measure_rows,
    view_control,
    whose,
)
from ikut_eval.dashboard.page import Control, Panel, Panels, Section, by_cohort
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.exhibits.certainty import level_words, p_words
from ikut_eval.present.exhibits.rights import plot_items, plot_knowledge
from ikut_eval.present.figures import dots_and_ranges
from ikut_eval.present.figures_of_people import diverging_dots, stacked_counts
from ikut_eval.release.store import Bundle

FIRST = "rights_awareness"
_KINDS = {"improved": theme.UP, "same": theme.SAME, "worse": theme.DOWN, "unknown": theme.UNKNOWN}


def controls(bundle: Bundle, language: str) -> tuple[Control, ...]:
    """Return what a reader can choose on the page."""
    choices = tuple((name, instrument_name(name, language)) for name in instruments(bundle))
    return (
        Control("measure", text("dash.control.instrument", language), choices),
        view_control(language),
        group_control(bundle, language),
        cohorts_control(bundle, language),
    )


def instruments(bundle: Bundle) -> tuple[str, ...]:
    """Return the questionnaires asked twice, rights awareness first."""
    known = dict.fromkeys(str(name) for name in bundle.table("changes")["instrument"])
    return tuple(sorted(known, key=lambda name: name != FIRST))


def sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return the page's questions, in their order."""
    asked = instruments(bundle)
    return (
        Section("change", text("dash.section.change", language), {(i,): change_panel(bundle, i, language) for i in asked}, ("measure",)),
        Section("certainty", text("dash.section.certainty", language), {(i,): _certainty(bundle, i, language) for i in asked}, ("measure",)),
        *_statements(bundle, language),
        _knowledge(bundle, language),
    )


def _changes(bundle: Bundle, instrument: str) -> pd.DataFrame:
    table = bundle.table("changes")
    return in_order(table[table["instrument"] == instrument], bundle)


def change_panel(bundle: Bundle, instrument: str, language: str) -> Panel:
    """Return how many rose, stayed and fell between start and exit, the same people at both times."""
    table = _changes(bundle, instrument)
    known = {kind: text(f"figure.{kind}", language) for kind in _KINDS}
    lines, rows, drawn, bars, told = [], [], [], [], []
    for row in table.itertuples():
        cohort, group = str(row.cohort_id), label(str(row.cohort_id), language)
        up, same, down, pairs, missing = (int(n) for n in (row.improved, row.same, row.worse, row.n_paired, row.n_missing))
        rows.append([group, *(str(n) for n in (up, same, down, pairs, missing, int(row.n_not_yet)))])
        if pairs or missing:
            told.append(cohort)
            lines.append(text("sentence.change", language, cohort=group, up=up, same=same, down=down, n=pairs, missing=missing))
            note = text("dash.change_note", language, up=up, same=same, down=down)
            drawn.append((group, down, same, up, missing, note))
            bars.append((group, [("improved", up), ("same", same), ("worse", down), ("unknown", missing)], note))
    percents = [percent(v, language) for v in (0, 0.25, 0.5, 0.75, 1)]
    axis = text("figure.people", language)
    figures = {
        "people": diverging_dots(drawn, names=known),
        "counts": stacked_counts(bars, kinds=_KINDS, names=known, shares=False, axis=axis, percents=percents),
        "share": stacked_counts(bars, kinds=_KINDS, names=known, shares=True, axis=axis, percents=percents),
    }
    exhibit = Exhibit(
        sentence="\n".join(lines) or text("sentence.no_pairs", language),
        drawing=None,
        table=tables.headed(rows, ["cohort", "improved", "same", "worse", "pairs", "missing", "not_yet"], language),
        caption=instrument_name(instrument, language),
        caution=tables.caution("paired_change", language),
        language=language,
    )
    drawn_by = {view: by_cohort(figure, [whose(c) for c in told]) for view, figure in figures.items()} if told else {}
    return Panel(exhibit, tuple(whose(c) for c in told), tuple(whose(str(c)) for c in table["cohort_id"]), drawn_by)


def _certainty(bundle: Bundle, instrument: str, language: str) -> Panel:
    """Return the mean change with its exact interval, at the level that so few people can reach."""
    table = _changes(bundle, instrument)
    lines, rows, drawn, told = [], [], [], []
    nobody: list[float] = []
    for row in table.itertuples():
        cohort, group = str(row.cohort_id), label(str(row.cohort_id), language)
        if pd.isna(row.mean):
            rows.append([group, str(int(row.n_paired)), "–", "–", "–", "–", "–"])
            continue
        mean, low, high = (float(v) for v in (row.mean, row.lower, row.upper))
        between = text("range", language, low=number(low, language, 2), high=number(high, language, 2))
        level, p, floor = level_words(float(row.level), language), float(row.p), float(row.p_floor)
        rows.append([group, str(int(row.n_paired)), number(mean, language, 2), between, level, p_words(p, language), p_words(floor, language)])
        values = {"mean": number(mean, language, 2), "between": between, "level": level, "p": once_in(p, language), "floor": once_in(floor, language)}
        lines.append(text("dash.certainty", language, cohort=group, **values))
        drawn.append((group, nobody, (mean, mean), (low, high), number(mean, language, 2)))
        told.append(cohort)
    reach = max([1.0, *(abs(end) for *_, ends, _ in drawn for end in ends)])
    called = {name: text(f"figure.{name}", language) for name in ("mean", "interval")}
    axis = text("figure.change_in_points", language)
    figure = dots_and_ranges(drawn, dot="", estimate=called["mean"], interval=called["interval"], axis=axis, limits=(-reach, reach), zero=True)
    exhibit = Exhibit(
        sentence="\n".join(lines) or text("dash.no_certainty", language),
        drawing=by_cohort(figure, [whose(c) for c in told]) if told else None,
        table=tables.headed(rows, ["cohort", "pairs", "mean_change", "interval", "level", "p", "p_floor"], language),
        caption=text("caption.mean_change", language, instrument=instrument_name(instrument, language)),
        caution=f"{tables.caution('paired_change', language)} {text('assumption.exchangeable_within_person', language)}",
        language=language,
    )
    return Panel(exhibit, tuple(whose(c) for c in told), tuple(whose(str(c)) for c in table["cohort_id"]))


def _statements(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return, statement by statement, whose answer rose or fell, and how many agreed before and after."""
    shifts, agreement = bundle.table("item_shifts"), measure_rows(bundle, "item_agreement")
    moved: Panels = {}
    agreed: Panels = {}
    for instrument in instruments(bundle):
        items = {item.id for item in load_contract().instruments[instrument].items}
        for cohort in (ALL, *cohort_ids(bundle)):
            here = shifts[(shifts["instrument"] == instrument) & (shifts["cohort_id"] == cohort)]
            both = agreement[agreement["group"].isin(items) & (agreement["cohort_id"] == cohort)]
            waves = both["wave"].unique()
            if len(here):
                moved[instrument, cohort] = Panel(_shift(here, cohort, language))
            if len(waves) > 1:
                ordered = both.sort_values("wave", key=lambda wave: wave != "start", kind="stable")
                agreed[instrument, cohort] = Panel(plot_items(ordered, language=language))
    named = (("statements", moved), ("agreement", agreed))
    return tuple(Section(name, text(f"dash.section.{name}", language), panels, ("measure", "group")) for name, panels in named if panels)


def _shift(table: pd.DataFrame, cohort: str, language: str) -> Exhibit:
    kinds = {kind: _KINDS[kind] for kind in ("worse", "same", "improved", "unknown")}
    names = {kind: text(f"figure.{kind}", language) for kind in kinds}
    rows, drawn, risen, fallen = [], [], 0, 0
    for row in table.itertuples():
        item = f"{row.item} {tables.item_text(str(row.item), language)}"
        up, same, down, missing = (int(n) for n in (row.improved, row.same, row.worse, row.n_missing))
        risen, fallen = risen + (up > down), fallen + (down > up)
        p, adjusted = ("–" if pd.isna(v) else p_words(float(v), language) for v in (row.p, row.p_holm))
        rows.append([item, str(up), str(same), str(down), str(missing), p, adjusted])
        drawn.append((tables.wrapped(item, 44), down, same, up, missing, text("dash.change_note", language, up=up, same=same, down=down)))
    answered = bool(table["n_paired"].sum())
    figure = diverging_dots(drawn, names=names) if answered else None
    if figure is not None:
        figure.update_layout(meta={"short": [str(item) for item in table["item"]]})
    values = {"group": label(cohort, language), "risen": risen, "fallen": fallen, "items": len(table)}
    headings = [text("table.question", language), *(names[k] for k in ("improved", "same", "worse", "unknown"))]
    headings += [text("table.p", language), text("table.p_holm", language)]
    return Exhibit(
        sentence=text("dash.statements", language, **values) if answered else text("sentence.no_pairs", language),
        drawing=figure,
        table=pd.DataFrame(rows, columns=headings, dtype="str"),
        caption=text("dash.statements_caption", language, group=label(cohort, language)),
        caution=f"{tables.caution('item_agreement', language)} {text('plan.exploratory', language)}",
        language=language,
    )


def _knowledge(bundle: Bundle, language: str) -> Section:
    answers = pd.concat([measure_rows(bundle, f"knowledge_{kind}") for kind in ("correct", "wrong", "dont_know")])
    panels: Panels = {}
    for cohort in (ALL, *cohort_ids(bundle)):
        here = answers[answers["cohort_id"] == cohort].sort_values("wave", key=lambda wave: wave != "start", kind="stable")
        panels[(cohort,)] = Panel(plot_knowledge(here, language=language))
    return Section("knowledge", text("dash.section.knowledge", language), panels, ("group",))
