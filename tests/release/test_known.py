"""What is published says what is known: never a low count of what nobody was asked, and never more than is true of each figure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from ikut_eval.contract.locale import LANGUAGES, listing, text
from ikut_eval.dashboard.page import PAGES
from ikut_eval.dashboard.pages import page_of
from ikut_eval.data.pilot import PilotData
from ikut_eval.disclosure.coded_figures import CodedFigure, read_figures
from ikut_eval.disclosure.families import Family, outputs
from ikut_eval.disclosure.leaks import leaks_in_values, possible_in_part
from ikut_eval.disclosure.policy import load_policy, rule_words
from ikut_eval.disclosure.proof import compositions, plan_of, prove
from ikut_eval.measures.table import with_cohort
from ikut_eval.present.releases import coded_figures, indicator_name, plot_release, release_lines
from ikut_eval.release.draft import Draft, figures_table, make_draft
from ikut_eval.release.ledger import Ledger
from ikut_eval.release.public_knowledge import PublicFacts, published
from ikut_eval.release.publication import current, ledger_of, outdated, release_to_review
from tests.release.released import CLOSINGS, SIZES, as_it_was, released, shown, workspace

POLICY = load_policy()
FACTS = PublicFacts(SIZES, sum(SIZES))
SIX_MONTHS = {"reached_at_six_months", "in_work", "fair_work", "next_service"}
KNOWN = {"fi": r"\btiedetään\b", "sv": r"\bman vet\b|\bvet man\b", "en": r"\bknown to\b"}
NOT_ASKED: Mapping[str, tuple[str, dict[str, object], set[str]]] = {
    "nobody was followed up": ("outcome", {"wave": "m6"}, SIX_MONTHS),
    "nobody noted support": ("support_after", {"month": 6}, {"support_at_six_months"}),
    "nobody answered at the end": ("answer_set", {"wave": "exit"}, {"rights_awareness_improved", "rights_awareness_worse"}),
    "nobody answered at the start": ("answer_set", {"wave": "start"}, {"rights_awareness_improved", "rights_awareness_worse"}),
    "no need was rated at the end": ("need", {"wave": "exit"}, {"everyday_need_met"}),
    "no need was rated": ("need", {}, {"everyday_need_at_start", "everyday_need_met"}),
}


def unasked(pilot: PilotData, table: str, where: Mapping[str, object], cohorts: tuple[str, ...]) -> PilotData:
    """Return a pilot in which nobody of some cohorts has such rows."""
    people = pilot["participant"].loc[lambda p: p["cohort_id"].isin(cohorts), "participant_id"]
    rows = pilot[table]
    away = rows["participant_id"].isin(people)
    for column, value in where.items():
        away &= rows[column] == value
    tables = dict(pilot.tables) | {table: rows[~away]}
    if table == "answer_set":
        tables["answer"] = pilot["answer"].merge(tables[table][["participant_id", "wave"]].drop_duplicates(), on=["participant_id", "wave"])
    return replace(pilot, tables=tables)


@pytest.fixture(scope="module")
def last(synthetic: PilotData) -> PilotData:
    return as_it_was(synthetic, CLOSINGS["after the last follow-up"])


@pytest.fixture(scope="module")
def proofs(last: PilotData) -> dict[str, dict[str, object]]:
    return make_draft(last, policy=POLICY, facts=FACTS, ledger=Ledger())[1]


def drafted(pilot: PilotData, proofs: dict[str, dict[str, object]]) -> Draft:
    return make_draft(pilot, policy=POLICY, facts=FACTS, ledger=Ledger(), known_proofs=proofs)[0]


def of_group(draft: Draft, group: tuple[int, ...]) -> dict[str, CodedFigure]:
    return {figure.indicator: figure for figure in draft.figures if figure.group == group}


# What nobody was asked


@pytest.mark.parametrize("case", NOT_ASKED)
def test_what_nobody_of_a_group_was_asked_is_not_asked_and_no_low_count(last: PilotData, proofs: dict[str, dict[str, object]], case: str) -> None:
    table, where, indicators = NOT_ASKED[case]
    before = drafted(last, proofs)
    after = drafted(unasked(last, table, where, last.cohort_ids[2:]), proofs)
    here, there = of_group(after, (3, 4)), of_group(after, (1, 2))
    assert {name for name, figure in here.items() if figure.status == "not_asked"} == indicators
    assert {here[name].reason for name in indicators} == {"published.reason.not_asked"}
    assert there == of_group(before, (1, 2))
    assert after.audit.verdict == "safe"
    assert tuple(read_figures(figures_table(after.figures))) == after.figures


def test_first_wishes_that_nobody_was_asked_for_are_not_asked(last: PilotData, proofs: dict[str, dict[str, object]]) -> None:
    everybody = tuple(last.cohort_ids)
    figures = of_group(drafted(unasked(last, "preferred_support", {"wave": "start"}, everybody), proofs), (1, 2, 3, 4))
    assert {figure.status for figure in figures.values()} == {"not_asked"}


@pytest.mark.parametrize("case", NOT_ASKED)
def test_who_was_asked_in_one_training_counts_for_the_group(last: PilotData, proofs: dict[str, dict[str, object]], case: str) -> None:
    table, where, indicators = NOT_ASKED[case]
    figures = of_group(drafted(unasked(last, table, where, last.cohort_ids[3:]), proofs), (3, 4))
    assert {figures[name].status for name in indicators} <= {"coded", "shown", "by_design"}


def test_asked_in_vain_is_a_count_and_not_unasked(last: PilotData, proofs: dict[str, dict[str, object]]) -> None:
    rows = last["outcome"]
    in_vain = with_cohort(last, rows)["cohort_id"].isin(last.cohort_ids[2:]).to_numpy() & (rows["wave"] == "m6").to_numpy()
    tried = replace(last, tables=dict(last.tables) | {"outcome": rows.assign(reached=rows["reached"].mask(in_vain, False))})
    figures = of_group(drafted(tried, proofs), (3, 4))
    assert not {figures[name].status for name in SIX_MONTHS} & {"not_asked", "not_yet"}
    assert figures["in_work"].lo == 0


def test_not_asked_stands_until_answers_that_came_late_are_told_of(tmp_path: Path, last: PilotData) -> None:
    space = workspace(tmp_path / "space")
    released(space, unasked(last, "outcome", {"wave": "m6"}, last.cohort_ids[2:]))
    assert {f.indicator for f in published(ledger_of(space)) if f.status == "not_asked"} == SIX_MONTHS
    table = shown(space, "r01")
    assert {table.loc[(name, "3+4"), "display"] for name in SIX_MONTHS} == {""}
    for language in LANGUAGES:
        words = f"{text('published.status.not_asked', language)}"
        panel = next(s for s in page_of(current(space), "outcomes", language=language).sections if s.name == "six_months").panels[()]
        assert panel.spine is not None
        assert {row.cells[1].figure for _, row in panel.spine.rows()} == {words}
        assert text("published.reason.not_asked", language) in panel.sentence
        assert words in set(panel.table.to_numpy().ravel())
    assert not list(outdated(space, unasked(last, "outcome", {"wave": "m6"}, last.cohort_ids[2:])))
    assert {one["figure"]["indicator"] for one in outdated(space, last)} >= {"in_work"}


@pytest.mark.parametrize("family", [family for family in POLICY.families if family.asked], ids=lambda family: family.id)
def test_that_somebody_was_asked_tells_nothing_beside_a_figure(family: Family) -> None:
    """Even where only people of whom something is known are noted, so that a figure tells that there is one."""
    for _, sizes in (step for step in plan_of(POLICY, SIZES) if step[0] == family):
        n = sum(sizes)
        data = compositions(n, len(family.cells))
        data = data[data[:, family.cells.index(family.left_over)] < n]
        label = outputs(family, n, data, limits=POLICY.limits)
        for some in (s for r in range(1, len(family.cells)) for s in combinations(range(len(family.cells)), r)):
            possible = np.zeros((label.max() + 1, n + 1), dtype=bool)
            possible[label, data[:, some].sum(axis=1)] = True
            for part in (*sizes, n):
                found = leaks_in_values(possible_in_part(possible, part), POLICY.limits, sensitive=family.sensitive)
                assert not any(flags.any() for flags in found.values()), (sizes, some, part)


# Words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_of_people_is_said_to_be_known(language: str) -> None:
    bundle = release_to_review("")
    assert bundle is not None
    told = [figure for figure in coded_figures(bundle) if figure.view != "delivery" and figure.lo is not None]
    assert len(told) > 10
    for figure in told:
        assert re.search(KNOWN[language], indicator_name(figure.indicator, language), re.IGNORECASE), figure.indicator
    lines = [line for line in release_lines(bundle, language) if any(line.startswith(indicator_name(f.indicator, language)) for f in told)]
    assert len(lines) >= len(told)
    review = plot_release(bundle, language=language)
    assert all(re.search(KNOWN[language], name, re.IGNORECASE) for name in review.table.iloc[:, 0] if not name.startswith(_hours(language)))
    for page in PAGES:
        made = page_of(bundle, page, language=language)
        for section in made.sections:
            for panel in section.panels.values():
                for part in re.split(r"[;\n]", panel.sentence):
                    if re.search(r"\d+ (?:/|av|of) \d+", part):
                        assert re.search(KNOWN[language], part, re.IGNORECASE), part
                for row in panel.table.astype(str).itertuples(index=False):
                    if any(re.search(r"\d+ (?:/|av|of) \d+", cell) for cell in row):
                        assert re.search(KNOWN[language], " ".join(row), re.IGNORECASE), row
        for words in (made.finding, *(section.heading for section in made.sections)):
            if re.search(r"\d (?:/|av|of) \d", words.replace("\N{NO-BREAK SPACE}", " ")):
                assert re.search(KNOWN[language], words, re.IGNORECASE), words
        assert not re.search(r"true number|todellinen luku on|verkliga talet", made.document)


def _hours(language: str) -> tuple[str, ...]:
    return tuple(indicator_name(name, language) for name in ("group_hours_a_week", "hours_by_component"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_rule_of_groups_says_which_figures_are_of_which(language: str) -> None:
    """Hours are of single trainings, first wishes of all together, everything else of the groups that are named."""
    said = rule_words(POLICY)["rule.partition"][language]
    assert all(name in said for name in _hours(language))
    assert text("dash.public.family.preferred_support", language) in said
    named = "; ".join(listing(map(str, group), language) for group in POLICY.partition)
    assert said.endswith(f": {named}.")
    fewer = replace(POLICY, families=tuple(family for family in POLICY.families if family.view != "final_pooled"))
    assert text("dash.public.family.preferred_support", language) not in rule_words(fewer)["rule.partition"][language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_rule_of_two_insiders_names_what_is_proved_against_them(language: str) -> None:
    sensitive = {family.id for family in POLICY.families if family.sensitive}
    assert {"six_months", "support"} <= sensitive
    support = next(family for family in POLICY.families if family.id == "support")
    assert [indicator.k for indicator in support.indicators] == [3]
    assert POLICY.limits.insiders(sensitive=True) == 2
    said = rule_words(POLICY)["rule.coalition_sensitive"][language]
    assert {family.id for family in POLICY.families if family.view != "delivery" and text(f"dash.public.family.{family.id}", language) in said} == sensitive
    for indicator in (replace(one, k=2) for one in support.indicators):
        steps = plan_of(replace(POLICY, families=(replace(support, indicators=(indicator,)),)), SIZES)
        assert not any(proof.safe for proof in prove(steps, POLICY.limits)[0])
