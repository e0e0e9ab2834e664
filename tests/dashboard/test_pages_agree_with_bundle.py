"""Facts, sentences, tables and marks of the internal pages are the bundle's figures, counted again here."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import product

import pandas as pd
import pytest

import ikut_eval as ikut
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.page import PAGES, Page, Section
from ikut_eval.data.pilot import PilotData
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.spine import Band, Spine, SpineRow
from ikut_eval.release.store import Bundle
from tests.dashboard.shown import EVERY_PAGE, LANGUAGES, Dashboards, first_of_each_cohort, internal_bundle, made, texts_of
from tests.release.released import CLOSINGS, as_it_was

WAVES = ("exit", "m3", "m6", "m12")
MISSING = re.compile(r"\b(nan|NaN|NaT|None|null|undefined|inf)\b|<NA>|&lt;NA&gt;|[{}]")
SHIFTED = ("improved", "same", "worse", "unknown")


@pytest.fixture(scope="module")
def bundle(dashboards: Dashboards) -> Bundle:
    return dashboards.bundle("internal")


@pytest.fixture(scope="module", params=["fi", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def section_of(page: Page, name: str) -> Section:
    return next(section for section in page.sections if section.name == name)


def numbers(words: str) -> list[float]:
    """Return the numbers of a text, of whichever language."""
    joined = re.sub(r"(?<=\d)[\s,\u00a0\u202f](?=\d{3}\b)", "", words.replace("−", "-"))
    return [float(n.replace(",", ".")) for n in re.findall(r"(?<![\w.])-?\d+(?:[.,]\d+)?", joined)]


def rows_of(bundle: Bundle, measure: str, **where: str | int) -> pd.DataFrame:
    """Return a measure's rows, by cohort: the four as they stand in the bundle, all together last."""
    table = bundle.table("measures").loc[lambda m: m["measure"] == measure]
    for column, value in where.items():
        table = table[table[column] == value]
    return table.sort_values("cohort_id", key=lambda c: c.map(lambda each: "~" if each == "all" else each), kind="stable")


def people(row: pd.Series, *, missing_counted: bool = False) -> Counter[str]:
    """Return how many are known to have something, known not to, and not known."""
    n, missing = (0 if pd.isna(row[c]) else int(row[c]) for c in ("denominator", "n_missing"))
    if pd.notna(row["at_least"]):
        yes, unknown = int(row["at_least"]), int(row["at_most"] - row["at_least"])
        return Counter(yes=yes, unknown=unknown, no=n - yes - unknown)
    yes = 0 if pd.isna(row["numerator"]) else int(row["numerator"])
    return Counter(yes=yes, unknown=missing, no=n - yes - (missing if missing_counted else 0))


def counted_words(kinds: Counter[str]) -> list[float]:
    of = kinds.total()
    return [kinds["yes"], kinds["yes"] + kinds["unknown"], of] if kinds["unknown"] else [kinds["yes"], of]


def spine_of(page: Page, name: str, key: tuple[str, ...] = ()) -> Spine:
    spine = section_of(page, name).panels[key].spine
    assert spine is not None
    return spine


def check_cells(row: SpineRow, told: pd.DataFrame, *, missing_counted: bool = False) -> None:
    """See that the cells of a row tell these people, a cohort a cell: in a figure, in marks, and in words for who hears the page."""
    assert len(row.cells) == len(told)
    for cell, (_, own) in zip(row.cells, told.iterrows(), strict=True):
        kinds, waiting = people(own, missing_counted=missing_counted), 0 if pd.isna(own["n_not_yet"]) else int(own["n_not_yet"])
        if missing_counted:
            kinds = Counter(yes=kinds["yes"], no=kinds["no"] + kinds["unknown"])
        asked = kinds.total() > (0 if pd.isna(own["n_not_asked"]) else own["n_not_asked"])
        assert numbers(cell.figure.replace("–", " ")) == (counted_words(kinds) if asked else [])
        assert Counter(dict(cell.marks)) == +(kinds + Counter(not_yet=waiting))
        counted = [kinds["unknown"], waiting] if asked else []
        assert [n for part in (cell.more, cell.heard) for n in numbers(part)][-len(counted) :] == [n for n in counted if n] or not any(counted)


def check_situations(page: Page, bundle: Bundle) -> None:
    """See that all situations at all times, and those at one time, are counted as in the bundle."""
    outcomes = list(dict.fromkeys(rows_of(bundle, "outcome_bounds")["group"]))
    every = spine_of(page, "outcome", ("all",))
    assert [len(group.rows) for group in every.groups] == [len(WAVES)] * (1 + len(outcomes))
    for n, wave in enumerate(WAVES):
        (alone,) = spine_of(page, "outcome", (wave,)).groups
        rows = [group.rows[n] for group in every.groups]
        assert [row.first for row in rows] == [wave == "m6"] * len(rows)
        assert [row.cells for row in rows] == [row.cells for row in alone.rows]
        check_cells(rows[0], rows_of(bundle, "follow_up_reach", wave=wave), missing_counted=True)
        for row, outcome in zip(rows[1:], outcomes, strict=True):
            check_cells(row, rows_of(bundle, "outcome_bounds", wave=wave, group=outcome))


def test_situations_are_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "outcomes", language)
    check_situations(page, bundle)
    work = [people(rows_of(bundle, "outcome_bounds", wave=wave, group="in_work", cohort_id="all").iloc[0]) for wave in ("exit", "m6")]
    heading = section_of(page, "outcome").heading
    assert numbers(heading.replace("–", " ")) == [n for kinds in work for n in counted_words(kinds)]


def test_finding_of_the_follow_ups_is_of_six_months(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    finding = dashboards.page("internal", "outcomes", language).finding
    work, service = (people(rows_of(bundle, "outcome_bounds", wave="m6", group=name, cohort_id="all").iloc[0]) for name in ("in_work", "next_service"))
    assert numbers(finding.replace("–", " ")) == [*counted_words(work), *counted_words(service)[:-1]]


def test_support_is_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "outcomes", language)
    for (_, row), month in zip(spine_of(page, "support").rows(), ("1", "3", "6", "12"), strict=True):
        check_cells(row, rows_of(bundle, "support_continuing", group=month))
        assert row.first == (month == "6")


def test_no_criteria_of_the_work_of_fewer_than_five_people(dashboards: Dashboards, few: Callable[[str], Bundle], bundle: Bundle) -> None:
    """With five in work at a follow-up, the criteria stand there for all cohorts together."""
    page = dashboards.page("internal", "outcomes", "en")
    assert rows_of(bundle, "fair_work_criteria").eval("denominator + n_missing").max() < 5
    assert "fair_work" not in [section.name for section in page.sections]
    assert "criteria of fair work are not shown" in spine_of(page, "outcome", ("all",)).note
    working = few("all in work at the end")
    page = made(working, "outcomes", "en")
    spine = spine_of(page, "fair_work")
    rows = rows_of(working, "fair_work_criteria", wave="exit", cohort_id="all")
    assert len(spine.columns) == 1
    assert [len(group.rows) for group in spine.groups] == [len(rows)]
    for (_, row), (_, own) in zip(spine.rows(), rows.iterrows(), strict=True):
        yes, unknown, no = int(own["numerator"]), int(own["n_missing"]), int(own["denominator"] - own["numerator"])
        assert dict(row.cells[0].marks) == +Counter(yes=yes, unknown=unknown, no=no)
        assert numbers(row.cells[0].figure.replace("–", " ")) == counted_words(Counter(yes=yes, unknown=unknown, no=no))
    assert "criteria of fair work" not in spine_of(page, "outcome", ("all",)).note


def moves_of(bundle: Bundle, wave: str) -> Counter[tuple[str, str]]:
    """Return how many of those who are due went from one main activity to another."""
    table = bundle.table("transitions").loc[lambda t: (t["end"] == wave) & (t["after"] != "not_yet")]
    return Counter({(str(a), str(b)): int(n) for (a, b), n in table.groupby(["before", "after"])["people"].sum().items()})


ACTIVITIES = ("in_work", "in_work_trial", "in_study", "jobseeking", "other", "not_known")


def test_moves_count_everybody_who_is_due_once(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    """From row to column, for each follow-up of which five are due: the same outlined, the unknown never as a change."""
    page = dashboards.page("internal", "outcomes", language)
    spine = spine_of(page, "moves")
    shown = [wave for wave in WAVES[1:] if moves_of(bundle, wave).total() >= 5]
    assert shown == ["m3", "m6"]
    for group, wave in zip(spine.groups, shown, strict=True):
        moves = moves_of(bundle, wave)
        assert moves.total() in numbers(group.title)
        before = [each for each in ACTIVITIES if any(moves[each, after] for after in ACTIVITIES)]
        for row, own in zip(group.rows, before, strict=True):
            assert numbers(row.detail) == [sum(moves[own, after] for after in ACTIVITIES)]
            for cell, after in zip(row.cells, ACTIVITIES, strict=True):
                kind = "unknown" if "not_known" in (own, after) else "same" if own == after else "yes"
                assert (numbers(cell.figure), dict(cell.marks)) == ([moves[own, after]], +Counter({kind: moves[own, after]}))
                assert cell.outlined == (kind == "same")
    moves = moves_of(bundle, "m6")
    same, unknown = sum(moves[each, each] for each in ACTIVITIES[:-1]), sum(n for pair, n in moves.items() if "not_known" in pair)
    told = numbers(section_of(page, "moves").heading)
    assert sorted(told) == sorted([moves.total(), same, moves.total() - same - unknown, unknown])


def test_needs_stand_beside_the_hours_given_for_them(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    """All twelve, in the order of the form; those without a type of session have no hours."""
    page, contract = dashboards.page("internal", "outcomes", language), load_contract()
    rows, needs = [row for _, row in spine_of(page, "given").rows()], contract.code_lists["need_domain"]
    assert [row.name for row in rows] == [needs.label(code, language) for code in needs.codes]
    hours = rows_of(bundle, "delivered_hours", by="session_type").groupby(["cohort_id", "group"])["numerator"].sum()
    cohorts = [*bundle.table("cohorts")["cohort_id"], "all"]
    with_hours = 0
    for row, need in zip(rows, needs.codes, strict=True):
        check_cells(row, rows_of(bundle, "need_level", wave="start", group=need))
        types = {"career": ("career", "identity"), "wellbeing": ("psychologist",)}.get(need, (need,))
        expected = [round(sum(hours.get((cohort, each), 0) for each in types), 2) for cohort in cohorts]
        assert [n for cell in row.cells for n in numbers(cell.more)] == [n for n in expected if n]
        level = rows_of(bundle, "need_level", wave="start", group=need).set_index("cohort_id")["numerator"]
        with_hours += sum(int(level[cohort]) for cohort, given in zip(cohorts[:-1], expected, strict=False) if given)
    total = rows_of(bundle, "need_level", wave="start", cohort_id="all")["numerator"].sum()
    assert numbers(section_of(page, "given").heading) == [with_hours, total]


def test_change_is_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    panels = section_of(dashboards.page("internal", "rights_awareness", language), "change").panels
    changes = bundle.table("changes")
    assert {key for (key,) in panels} == set(changes["instrument"])
    for (instrument,), panel in panels.items():
        rows = changes[changes["instrument"] == instrument].rename(columns={"n_missing": "unknown"})
        counts = rows[list(SHIFTED)].astype(int).to_numpy().tolist()
        assert panel.table.iloc[:, [1, 2, 3, 5]].astype(int).to_numpy().tolist() == counts
        told = [row for row in counts if sum(row)]
        for (_, line), (up, same, down, missing) in zip(panel.lines, told, strict=True):
            assert numbers(line.split(":", 1)[1]) == [up, same, down, up + same + down, missing]
        for y, row in enumerate(told):
            dots = {"worse": row[2], "same": row[1], "improved": row[0], "unknown": row[3]}
            assert [trace["y"].count(y) for trace in panel.drawings["people"].data] == list(dots.values())
            assert [trace["x"][y] for trace in panel.drawings["counts"].data] == row


def test_certainty_is_told_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    changes = bundle.table("changes")
    for (instrument,), panel in section_of(dashboards.page("internal", "rights_awareness", language), "certainty").panels.items():
        rows = changes[changes["instrument"] == instrument]
        for cells, (_, row) in zip(panel.table.to_numpy(), rows.iterrows(), strict=True):
            shown = [numbers(cell) for cell in cells[3:6]]
            if pd.isna(row["mean"]):
                assert shown == [[], [], []]
            else:
                told = [row["mean"], *([] if pd.isna(row["lower"]) else [row["lower"], row["upper"], 100 * (1 - row["alpha"])])]
                assert [n for cell in shown for n in cell] == pytest.approx(told, abs=0.0051)


def test_statements_are_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    shifts = bundle.table("item_shifts")
    for (instrument, cohort), panel in section_of(dashboards.page("internal", "rights_awareness", language), "statements").panels.items():
        rows = shifts[(shifts["instrument"] == instrument) & (shifts["cohort_id"] == cohort)]
        counts = rows[["improved", "same", "worse", "n_missing"]].to_numpy().tolist()
        assert panel.table.iloc[:, 1:5].astype(int).to_numpy().tolist() == counts
        for trace, n in zip(panel.drawings[""].data, (2, 1, 0, 3), strict=True):
            assert [trace["y"].count(y) for y in panel.drawings[""].layout["yaxis"]["tickvals"]] == [row[n] for row in counts]


@pytest.mark.parametrize("rate", ["attendance_rate", "attendance_rate_b"])
def test_attendance_is_told_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str, rate: str) -> None:
    page = dashboards.page("internal", "attendance", language)
    whole, weekly = (section_of(page, name).panels[rate,] for name in ("attendance", "weeks"))
    rows, weeks = (rows_of(bundle, rate, by=by).loc[lambda table: table["cohort_id"] != "all"] for by in ("cohort", "week"))
    for (_, line), cells, (_, row) in zip(whole.lines, whole.table.to_numpy(), rows.iterrows(), strict=True):
        assert numbers(cells[1])[:2] == [row["numerator"], row["denominator"]]
        ends = [100 * row[end] for end in ("value", "lower", "upper")]
        assert [numbers(line)[0], *numbers(line)[-2:]] == pytest.approx(ends, abs=0.51)
        assert numbers(cells[2]) == pytest.approx(ends[1:], abs=0.51)
    expected = [
        [float(n) for _, w in mine.sort_values("group", key=lambda g: g.astype(int)).iterrows() for n in (w["numerator"], w["denominator"])]
        for _, mine in weeks.groupby("cohort_id")
    ]
    (cells,) = weekly.drawings[""].data
    shown: list[list[float]] = [[] for _ in expected]
    for y, words in zip(cells["y"], cells["text"], strict=True):
        shown[y] += numbers(words.replace("/", " / "))
    assert shown == expected
    assert [[n for cell in row[1:] for n in numbers(cell.replace("/", " / "))] for row in weekly.table.to_numpy()] == expected


@pytest.mark.parametrize(("wave", "month"), list(zip(WAVES, ("1", "3", "6", "12"), strict=True)))
def test_cohorts_stand_side_by_side_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str, wave: str, month: str) -> None:
    """Every cell of the first table, and as many marks of each kind as people."""
    page = dashboards.page("internal", "overview", language)
    cohorts = [*bundle.table("cohorts")["cohort_id"], "all"]
    spine = section_of(page, "cohorts").panels[(wave,)].spine
    assert spine is not None
    assert [column.name for column in spine.columns[:-1]] == cohorts[:-1]
    (during, rights, after) = (group.rows for group in spine.groups)
    started = rows_of(bundle, "participants").set_index("cohort_id")
    ended = rows_of(bundle, "completion").set_index(["cohort_id", "group"])["numerator"]
    came = rows_of(bundle, "attendance_rate", by="cohort").set_index("cohort_id")
    for n, cohort in enumerate(cohorts):
        part, marks = during[0].cells[n], dict(during[0].cells[n].marks)
        assert numbers(part.figure) == [started.loc[cohort, "numerator"], started.loc[cohort, "denominator"]]
        left = sum(ended.get((cohort, kind), 0) for kind in ("early_positive", "early_other"))
        assert (marks["yes"], marks.get("left", 0)) == (started.loc[cohort, "numerator"] - left, left)
        share = during[1].cells[n]
        told = came.loc[cohorts[:-1] if cohort == "all" else [cohort], ["numerator", "denominator"]].sum()
        assert numbers(share.figure) == told.tolist()
        assert isinstance(share.drawn, Band)
        assert share.drawn.share == pytest.approx(told["numerator"] / told["denominator"])
        if cohort != "all":
            assert share.drawn[::2] == pytest.approx((max(0, came.loc[cohort, "lower"]), min(1, came.loc[cohort, "upper"])))
        for row, instrument in zip(rights, ("rights_awareness", "rights_knowledge"), strict=True):
            change = bundle.table("changes").loc[lambda c, i=instrument, o=cohort: (c["instrument"] == i) & (c["cohort_id"] == o)].iloc[0]
            assert numbers(row.cells[n].figure) == ([change["improved"], change["n_paired"]] if change["n_paired"] else [])
            kinds = {"improved": change["improved"], "same": change["same"], "worse": change["worse"], "unknown": change["n_missing"]}
            assert {k: v for k, v in row.cells[n].marks if k != "not_yet"} == {k: v for k, v in kinds.items() if v}
        shown = {"reached": ("follow_up_reach", {"wave": wave}), "support": ("support_continuing", {"group": month})}
        for row, (measure, where) in zip((after[0], after[-1]), shown.values(), strict=True):
            own = rows_of(bundle, measure, **where).set_index("cohort_id").loc[cohort]
            kinds = people(own, missing_counted=measure == "follow_up_reach")
            assert numbers(row.cells[n].figure) == ([kinds["yes"], kinds.total()] if kinds.total() else [])
        for row, outcome in zip(after[1:4], ("in_work", "fair_work", "in_study"), strict=True):
            kinds = people(rows_of(bundle, "outcome_bounds", wave=wave, group=outcome).set_index("cohort_id").loc[cohort])
            assert numbers(row.cells[n].figure) == (counted_words(kinds) if kinds.total() else [])
            assert {k: v for k, v in row.cells[n].marks if k != "not_yet"} == {k: v for k, v in kinds.items() if v}


def test_needs_wishes_and_handovers_are_counted_as_in_the_bundle(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "overview", language)
    for name, rows in (
        ("needs", rows_of(bundle, "needs_met", cohort_id="all")),
        ("wanted", rows_of(bundle, "preferred_support_first", cohort_id="all", wave="start")),
        ("handed", rows_of(bundle, "handed_over", cohort_id="all")),
    ):
        spine = section_of(page, name).panels[()].spine
        assert spine is not None
        cells = [row.cells[0] for _, row in spine.rows()]
        assert [numbers(cell.figure) for cell in cells] == rows[["numerator", "denominator"]].to_numpy().tolist()
        expected = [[row.numerator, row.denominator - row.numerator, row.n_missing] if name == "needs" else [row.numerator] for row in rows.itertuples()]
        assert [[n for _, n in cell.marks] for cell in cells] == [[n for n in row if n] for row in expected]


def test_finding_is_of_all_cohorts(dashboards: Dashboards, bundle: Bundle, language: str) -> None:
    page = dashboards.page("internal", "overview", language)
    change = bundle.table("changes").loc[lambda c: (c["instrument"] == "rights_awareness") & (c["cohort_id"] == "all")].iloc[0]
    work = people(rows_of(bundle, "outcome_bounds", wave="m6", group="in_work", cohort_id="all").iloc[0])
    assert numbers(page.finding.replace("–", " ")) == [change["improved"], change["n_paired"], *counted_words(work)]
    assert len(page.finding.split()) <= 20
    assert page.finding in dashboards.parsed("internal", "overview", language).h1.get_text()


def whole(page: Page) -> Iterator[str]:
    """Say what is wrong with a page's parts."""
    choices = {control.name: control.values for control in page.controls}
    names = next((dict(control.choices) for control in page.controls if control.name == "cohorts"), {})
    for section in page.sections:
        known = [choices.get(name) or tuple(dict.fromkeys(key[n] for key in section.panels)) for n, name in enumerate(section.by)]
        possible = set(product(*known))
        if not set(section.panels) <= possible:
            yield f"{section.name}: panels that nobody can choose: {set(section.panels) - possible}"
        if len(set(section.by)) != len(section.by) or "view" in section.by:
            yield f"{section.name}: chosen by {section.by}"
        for key, panel in section.panels.items():
            yield from _whole_panel(f"{section.name} {key}", panel, names)


def _whole_panel(place: str, panel: Exhibit, names: Mapping[str, str]) -> Iterator[str]:
    if not all(words.strip() for words in (*(words for _, words in panel.lines), panel.caption, panel.caution)):
        yield f"{place}: words are missing"
    if not all(cell.strip() for row in panel.cells for cell in row):
        yield f"{place}: an empty cell"
    if panel.rows and len(panel.rows) != len(panel.cells):
        yield f"{place}: {len(panel.rows)} cohorts for {len(panel.cells)} rows"
    if panel.several:
        yield from _named_by_cohort(place, panel, names)
    for view, figure in panel.drawings.items():
        named = [str(t) for t in figure.layout["yaxis"].get("ticktext", [])]
        if panel.several and (len(panel.marks) != len(named) or any(c and t and names.get(c, c) != t for c, t in zip(panel.marks, named, strict=True))):
            yield f"{place} {view}: rows {named} marked as {panel.marks}"
        shown = [*texts_of(figure.data), *texts_of(figure.layout.get("annotations", [])), *named]
        if found := [words for words in shown if MISSING.search(words)]:
            yield f"{place} {view}: {found}"
        if any(len(trace["x"]) != len(trace["y"]) for trace in figure.data):
            yield f"{place} {view}: marks without a place"


def _named_by_cohort(place: str, panel: Exhibit, names: Mapping[str, str]) -> Iterator[str]:
    """Say which lines and rows do not name the cohort to which they belong."""
    for cohort, line in panel.lines:
        if cohort and names.get(cohort, cohort) not in line:
            yield f"{place}: a line of {cohort} does not name it"
    for cohort, row in zip(panel.rows, panel.cells, strict=False):
        if cohort and not any(names.get(cohort, cohort) in cell for cell in row):
            yield f"{place}: a row of {cohort} does not name it"
    if (stray := {*(cohort for cohort, _ in panel.lines), *panel.rows, *panel.marks} - set(names) - {""}) and len(names) > 1:
        yield f"{place}: belongs to {stray}, which nobody can choose"


@pytest.mark.parametrize(("audience", "name"), EVERY_PAGE)
def test_pages_are_whole(dashboards: Dashboards, audience: str, name: str) -> None:
    for language in LANGUAGES:
        assert list(whole(dashboards.page(audience, name, language))) == []


def visible(document: str) -> str:
    return re.sub(r"<script.*?</script>|<[^>]*>", " ", document, flags=re.S)


def working_at_the_end(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the follow-ups with everybody who was reached at the end in paid work."""
    return outcome.assign(status=outcome["status"].mask((outcome["wave"] == "exit") & outcome["reached"].fillna(False).astype(bool), "work_open"))


FEW: dict[str, Callable[[PilotData], PilotData]] = {
    "nobody in any cohort": lambda pilot: first_of_each_cohort(pilot, 0),
    "one in each cohort": lambda pilot: first_of_each_cohort(pilot, 1),
    "two in each cohort": lambda pilot: first_of_each_cohort(pilot, 2),
    "before the second exit": lambda pilot: as_it_was(pilot, CLOSINGS["after cohort 1"]),
    "all in work at the end": lambda pilot: replace(pilot, tables={**pilot.tables, "outcome": working_at_the_end(pilot["outcome"])}),
    "a pilot of two": lambda _: ikut.read_pilot("synthetic:tiny"),
    "a pilot of nobody": lambda _: ikut.read_pilot("synthetic:empty"),
}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Bundle]:
    """Return a function that gives the bundle of a case, each made once."""
    pilot = ikut.read_pilot("synthetic")
    return cache(lambda case: internal_bundle(FEW[case](pilot), tmp_path_factory.mktemp("few") / "internal"))


@pytest.mark.parametrize("case", FEW)
def test_few_people_and_nobody_have_whole_pages(few: Callable[[str], Bundle], case: str) -> None:
    for name in PAGES:
        page = made(few(case), name, "fi")
        assert list(whole(page)) == []
        assert not MISSING.search(visible(page.document))
        assert all(fact.figure and fact.words for fact in page.facts)


def test_counts_of_few_people_are_those_of_the_bundle(few: Callable[[str], Bundle]) -> None:
    """Not yet due, nobody, one person: the cases that a full pilot does not have."""
    bundle = few("before the second exit")
    page = made(bundle, "outcomes", "sv")
    check_situations(page, bundle)
    ended = [people(rows_of(bundle, "outcome_bounds", wave="exit", group=name, cohort_id="all").iloc[0]) for name in ("in_work", "next_service")]
    assert numbers(page.finding.replace("–", " ")) == [*counted_words(ended[0]), *counted_words(ended[1])[:-1]]
    assert [cell.figure for _, row in spine_of(page, "moves").rows() for cell in row.cells] == ["–"] * 3
