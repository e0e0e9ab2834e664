"""Every cell of the internal page of rights is the bundle's figure, counted again here."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import level_words, once_in, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.internal.rights_awareness import internal_rights_awareness
from ikut_eval.dashboard.page import Page
from ikut_eval.present import tables
from ikut_eval.present.spine import Cell, ChangeBand, Dumbbell, Slope, Spine
from ikut_eval.release.internal import build_internal
from ikut_eval.release.package import StoredTable, from_csv, to_csv
from ikut_eval.release.store import Bundle, read_bundle
from tests.dashboard.shown import Dashboards, first_of_each_cohort, internal_bundle, made, numbers, rows_of, section_of


def spine_of(page: Page, name: str) -> Spine:
    (panel,) = section_of(page, name).panels.values()
    assert panel.spine is not None
    assert panel.drawing is None
    return panel.spine


def change_of(bundle: Bundle, instrument: str, cohort: str) -> pd.Series:
    return bundle.table("changes").loc[lambda c: (c["instrument"] == instrument) & (c["cohort_id"] == cohort)].iloc[0]


def check_rise(cell: Cell, change: pd.Series) -> None:
    """See that a cell tells how many rose, with a mark for each person."""
    kinds = {"improved": change["improved"], "same": change["same"], "worse": change["worse"], "unknown": change["n_missing"]}
    assert numbers(cell.figure) == ([change["improved"], change["n_paired"]] if change["n_paired"] else [])
    assert {kind: n for kind, n in cell.marks if kind != "not_yet"} == {kind: n for kind, n in kinds.items() if n}


def check_average(cell: Cell, change: pd.Series, low: float, high: float) -> None:
    """See that a cell draws the averages of the same people and the interval of their change, and says the change; nothing of fewer than two."""
    if change["n_paired"] < 2:
        assert (cell.drawn, numbers(cell.words.replace("–", " "))) == (None, [])
        return
    assert isinstance(cell.drawn, Slope)
    wide = high - low
    assert cell.drawn[:2] == pytest.approx([(change[at] - low) / wide for at in ("mean_start", "mean_end")])
    assert numbers(cell.figure.replace("+", "")) == pytest.approx([change["mean"]], abs=0.0051)
    assert numbers(cell.heard) == pytest.approx([change["mean_start"], change["mean_end"]], abs=0.051)
    if pd.isna(change["lower"]):
        assert cell.drawn.lower == cell.drawn.upper == cell.drawn.after
    else:
        ends = [change["mean_start"] + change[end] for end in ("lower", "upper")]
        assert cell.drawn[2:4] == pytest.approx([(min(max(end, low), high) - low) / wide for end in ends])
        assert numbers(cell.more.replace("–", " "))[:2] == pytest.approx([change["lower"], change["upper"]], abs=0.0051)


def test_rights_stand_side_by_side_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    rated, known = (group.rows for group in spine_of(dashboards.page("internal", "rights_awareness", language), "change").groups)
    for n, cohort in enumerate([*bundle.table("cohorts")["cohort_id"], "all"]):
        own, right = (change_of(bundle, instrument, cohort) for instrument in ("rights_awareness", "rights_knowledge"))
        check_average(rated[0].cells[n], own, 1, 5)
        check_rise(rated[1].cells[n], own)
        check_rise(known[0].cells[n], right)
        average = known[1].cells[n]
        assert numbers(average.words) == pytest.approx([right["mean_start"], right["mean_end"], 6], abs=0.051)
        assert average.drawn == pytest.approx(Dumbbell(right["mean_start"] / 6, right["mean_end"] / 6))
    assert numbers(rated[1].detail) == [0.25]
    said = text("spine.chance.planned" if own["planned"] else "spine.chance.unplanned", language, p=once_in(own["p"], language))
    assert said in rated[0].cells[-1].more


def test_other_questionnaires_stand_side_by_side_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    groups = spine_of(dashboards.page("internal", "rights_awareness", language), "others").groups
    others = [i for i in dict.fromkeys(bundle.table("changes")["instrument"]) if i not in ("rights_awareness", "rights_knowledge")]
    assert len(groups) == len(others)
    scales = {"rights_confidence": (1, 5), "time_everyday": (1, 5), "who5": (0, 100)}
    for instrument, group in zip(others, groups, strict=True):
        for n, cohort in enumerate([*bundle.table("cohorts")["cohort_id"], "all"]):
            check_average(group.rows[0].cells[n], change_of(bundle, instrument, cohort), *scales[instrument])
            check_rise(group.rows[1].cells[n], change_of(bundle, instrument, cohort))


def test_planned_main_result_is_called_so(tmp_path: Path) -> None:
    build_internal(ikut.read_pilot("synthetic"), tmp_path / "internal", about={}, plan=AnalysisPlan("rights_awareness"))
    page = internal_rights_awareness(read_bundle(tmp_path / "internal", audience="internal"), "en")
    own, others = (next(section for section in page.sections if section.name == name).panels[()].spine for name in ("change", "others"))
    assert own is not None
    assert others is not None
    assert own.groups[0].rows[0].cells[-1].more.endswith("Planned main result: chance alone would give so large a change once in 65,536.")
    assert all("Not planned in advance" in group.rows[0].cells[-1].more for group in others.groups)


def check_certainty(cell: Cell, change: pd.Series, end: float, language: str) -> None:
    """See that a cell draws a change with its interval, and says both, how often chance alone would give it, and whether it was planned."""
    if pd.isna(change["mean"]):
        assert (cell.drawn, numbers(cell.words.replace("–", " "))) == (None, [])
        return
    ends = [change["mean"]] * 2 if pd.isna(change["lower"]) else [change["lower"], change["upper"]]
    assert cell.drawn == pytest.approx(ChangeBand(*(value / end for value in (ends[0], change["mean"], ends[1]))))
    assert numbers(cell.figure.replace("+", "")) == pytest.approx([change["mean"]], abs=0.0051)
    told = numbers(cell.more.replace("–", " ").partition(" · ")[0])
    assert pd.isna(change["lower"]) or told == pytest.approx(ends, abs=0.0051)
    none = text("spine.certainty.none", language, level=level_words(1 - change["alpha"], language))
    assert (none in cell.heard) == pd.isna(change["lower"])
    assert once_in(change["p"], language) in cell.more
    assert text("plan.planned" if change["planned"] else "plan.exploratory", language) in cell.words


def test_certainty_stands_side_by_side_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "rights_awareness", language)
    spine = spine_of(page, "certainty")
    changes = bundle.table("changes")
    instruments = list(dict.fromkeys(changes["instrument"]))
    for (_, row), instrument in zip(spine.rows(), instruments, strict=True):
        low, high = load_contract().instruments[instrument].score_range
        end = (high - low) / 2
        assert row.name == tables.instrument_name(instrument, language)
        assert numbers(row.detail) == [-end, end]
        for cell, cohort in zip(row.cells, [*bundle.table("cohorts")["cohort_id"], "all"], strict=True):
            check_certainty(cell, change_of(bundle, instrument, cohort), end, language)
    every = changes[changes["cohort_id"] == "all"]
    without_zero = int(((every["lower"] > 0) | (every["upper"] < 0)).sum())
    assert numbers(section_of(page, "certainty").heading) == [without_zero, len(every)]
    floors = changes[changes["cohort_id"] != "all"].dropna(subset="p_floor")
    assert all(text("spine.certainty.floor", language, n=int(f.n_paired), floor=once_in(f.p_floor, language)) in spine.note for f in floors.itertuples())


def test_axis_of_changes_holds_every_change(tmp_path: Path) -> None:
    """A change larger than half of a questionnaire's scale makes every axis as wide as its scale."""
    bundle = internal_bundle(ikut.read_pilot("synthetic"), tmp_path / "internal")
    schema, changes = bundle.schemas["changes"], bundle.table("changes")
    changes.loc[(changes["instrument"] == "who5") & (changes["cohort_id"] == "C2"), ["mean", "estimate"]] = 70.0
    columns = dict(bundle.columns) | {"changes": from_csv(schema, to_csv(StoredTable(schema, changes)))}
    page = made(replace(bundle, columns=MappingProxyType(columns)), "rights_awareness", "en")
    rows = {row.name: row for _, row in spine_of(page, "certainty").rows()}
    who5 = rows[tables.instrument_name("who5", "en")]
    assert numbers(who5.detail) == [-100, 100]
    assert who5.cells[1].drawn == ChangeBand(0.7, 0.7, 0.7)
    assert numbers(rows[tables.instrument_name("rights_awareness", "en")].detail) == [-4, 4]


def test_finding_of_rights_is_of_all_cohorts(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "rights_awareness", language)
    told = [int(n) for i in ("rights_awareness", "rights_knowledge") for n in change_of(bundle, i, "all")[["improved", "n_paired"]]]
    assert numbers(page.finding) == told


def test_statements_are_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "rights_awareness", language)
    rows = [row for _, row in spine_of(page, "statements").rows()]
    shifts = bundle.table("item_shifts").loc[lambda t: (t["cohort_id"] == "all") & t["instrument"].isin(["rights_awareness", "rights_confidence"])]
    agreed = rows_of(bundle, "item_agreement", cohort_id="all").set_index(["group", "wave"])
    everybody, risen = rows_of(bundle, "participants", cohort_id="all")["numerator"].iloc[0], []
    for row, shift in zip(rows, shifts.to_dict("records"), strict=True):
        before, after = (agreed.loc[(shift["item"], wave)] for wave in ("start", "exit"))
        agree, moved = row.cells
        assert row.name == tables.item_text(shift["item"], language)
        assert numbers(agree.words) == [before["numerator"], after["numerator"], after["denominator"]]
        assert agree.drawn == pytest.approx(Dumbbell(*(n / everybody for n in (before["numerator"], after["numerator"], after["denominator"]))))
        counts = {"improved": shift["improved"], "same": shift["same"], "worse": shift["worse"], "unknown": shift["n_missing"]}
        assert dict(moved.marks) == {kind: n for kind, n in counts.items() if n}
        assert numbers(moved.words) == [n for kind, n in counts.items() if n and kind != "unknown"]
        if shift["instrument"] == "rights_awareness":
            risen.append(after["numerator"] - before["numerator"])
    told = [sum(n > 0 for n in risen), len(risen), sum(n < 0 for n in risen)]
    assert numbers(section_of(page, "statements").heading) == told


def test_knowledge_is_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "rights_awareness", language)
    rows = [row for _, row in spine_of(page, "knowledge").rows()]
    kinds = {kind: rows_of(bundle, f"knowledge_{kind}", cohort_id="all").set_index(["wave", "group"]) for kind in ("correct", "dont_know", "wrong")}
    everybody = rows_of(bundle, "participants", cohort_id="all")["numerator"].iloc[0]
    items = load_contract().instruments["rights_knowledge"].items
    for row, item in zip(rows, items, strict=True):
        before, after = (kinds["correct"].loc[(wave, item.id)] for wave in ("start", "exit"))
        right, other = row.cells
        of = [n for n in (before["denominator"],) if n != after["denominator"]]
        assert numbers(right.words) == [before["numerator"], *of, after["numerator"], after["denominator"]]
        most = max(before["denominator"], after["denominator"])
        assert right.drawn == pytest.approx(Dumbbell(*(n / everybody for n in (before["numerator"], after["numerator"], most))))
        assert numbers(other.words) == [kinds[kind].loc[(wave, item.id), "numerator"] for kind in ("dont_know", "wrong") for wave in ("start", "exit")]
    change = kinds["correct"].loc["exit"]["value"] - kinds["correct"].loc["start"]["value"]
    assert numbers(section_of(page, "knowledge").heading) == [(change > 0).sum(), len(items), (change < 0).sum()]


def test_statements_of_fewer_than_five_people_are_not_told(tmp_path: Path) -> None:
    bundle = internal_bundle(first_of_each_cohort(ikut.read_pilot("synthetic"), 1), tmp_path / "internal")
    page = made(bundle, "rights_awareness", "en")
    for name in ("statements", "knowledge"):
        rows = [row for _, row in spine_of(page, name).rows()]
        assert rows
        assert all(cell.drawn is None and not cell.marks for row in rows for cell in row.cells)
        assert {row.cells[0].figure for row in rows} == {"fewer than 5 people: not shown"}
