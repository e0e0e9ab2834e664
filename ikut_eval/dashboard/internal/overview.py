"""The first ten seconds: who took part, who knows their rights better, who was reached and how they are, whether support goes on."""

from dataclasses import replace

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.internal.attendance import design_section
from ikut_eval.dashboard.internal.counts import Count, counts_of
from ikut_eval.dashboard.internal.outcomes import OUTCOMES, reach_section, support_section
from ikut_eval.dashboard.internal.rights_awareness import FIRST, change_panel
from ikut_eval.dashboard.internal.tables import ALL, cohort_ids, cohorts_control, group_control, label, measure_rows, of_cohorts, view_control, wave_control
from ikut_eval.dashboard.page import Control, Fact, Panel, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibits.outcomes import plot_outcomes
from ikut_eval.present.exhibits.people import plot_participants
from ikut_eval.release.store import Bundle

SIX_MONTHS = "m6"
REACH = "follow_up_reach"


def controls(bundle: Bundle, language: str) -> tuple[Control, ...]:
    """Return what a reader can choose on the page."""
    return (wave_control(language), view_control(language), group_control(bundle, language), cohorts_control(bundle, language))


def facts(bundle: Bundle, language: str) -> tuple[Fact, ...]:
    """Return what a reader wants to know first, of all cohorts together."""
    started = measure_rows(bundle, "participants", cohort_id=ALL).iloc[0]
    took_part = Fact(tables.count(started["numerator"], started["denominator"], language), text("dash.fact.participants", language))
    reached = _of_all(bundle, REACH, language, wave=SIX_MONTHS)
    return (took_part, _rights(bundle, language), reached, *_outcomes(bundle, language), _of_all(bundle, "support_continuing", language, group="6"))


def _rights(bundle: Bundle, language: str) -> Fact:
    changes = bundle.table("changes")
    row = changes[(changes["instrument"] == FIRST) & (changes["cohort_id"] == ALL)].iloc[0]
    pairs, missing = int(row["n_paired"]), int(row["n_missing"])
    if not pairs:
        return Fact(text("not_yet", language) if int(row["n_not_yet"]) else "–", text("dash.fact.rights_none", language))
    up, same, down = (int(row[name]) for name in ("improved", "same", "worse"))
    return Fact(text("dash.fact.rights_figure", language, up=up, same=same, down=down), text("dash.fact.rights", language, n=pairs, missing=missing))


def _of_all(bundle: Bundle, measure: str, language: str, **where: str) -> Fact:
    found = counts_of(measure_rows(bundle, measure, cohort_id=ALL, **where), missing_counted=measure == REACH)
    words = text(f"dash.fact.{measure}", language)
    if not found:
        return Fact("–", words)
    waiting = f" ({text('dash.fact.waiting', language, n=found[0].not_yet)})" if found[0].not_yet and found[0].people else ""
    count = replace(found[0], unknown=0, no=found[0].no + found[0].unknown) if measure == REACH else found[0]
    return Fact(_told(count, language), words + waiting)


def _told(count: Count, language: str) -> str:
    """Return "3 of 4", or "2–4 of 5" where the people of whom it is not known make it a range."""
    if not count.unknown:
        return count.words(language)
    return text("dash.range_of", language, low=count.yes, high=count.yes + count.unknown, of=count.people)


def _outcomes(bundle: Bundle, language: str) -> tuple[Fact, ...]:
    facts = []
    for outcome in ("in_work", "fair_work", "in_study"):
        found = counts_of(measure_rows(bundle, "outcome_bounds", cohort_id=ALL, wave=SIX_MONTHS, group=outcome))
        facts.append(Fact(_told(found[0], language) if found else "–", text(f"dash.fact.{outcome}", language)))
    return tuple(facts)


def sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return the page's questions, in their order."""
    started, ended = (measure_rows(bundle, measure) for measure in ("participants", "completion"))
    alone = [table[table["cohort_id"] != ALL] for table in (started, ended)]
    return (
        Section.of("participants", text("dash.section.participants", language), of_cohorts(plot_participants(*alone, language=language), bundle)),
        Section.of("change", text("dash.section.rights", language), change_panel(bundle, FIRST, language)),
        reach_section(bundle, language),
        _situation(bundle, language),
        support_section(bundle, language),
        design_section(bundle, language),
    )


def _situation(bundle: Bundle, language: str) -> Section:
    panels: Panels = {}
    for wave in wave_control(language).values:
        table = measure_rows(bundle, "outcome_bounds", wave=wave)
        for cohort in (ALL, *cohort_ids(bundle)):
            here = table[(table["cohort_id"] == cohort) & table["group"].isin(OUTCOMES)]
            panels[wave, cohort] = Panel(plot_outcomes(here.assign(cohort_id=label(cohort, language)), language=language))
    return Section("situation", text("dash.section.situation", language), panels, ("wave", "group"))
