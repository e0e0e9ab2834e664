"""The follow-ups: reached, work, fair work, study, services, support; and needs against the support given."""

from itertools import product

import pandas as pd

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.internal.counts import EVERY_COHORT, REACH, WAVES_AFTER, counted, label, measure_rows, one_by_one, page_controls
from ikut_eval.dashboard.page import Control, PageContent, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit, ExhibitRow, exhibit
from ikut_eval.present.exhibits.people import listing_of_services, plot_fair_work, plot_needs, plot_preferred_support
from ikut_eval.present.figures import plan_and_held
from ikut_eval.present.figures_of_people import flows
from ikut_eval.release.store import Bundle

SHOWN_OUTCOMES = ("in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service")
_SITUATIONS = ("in_work", "in_work_trial", "in_study", "seeking_work", "other", "not_known", "not_yet")
MONTH_OF = {"exit": "1", "m3": "3", "m6": "6", "m12": "12"}
"""The month of support that is shown beside each follow-up."""
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
    chosen = Control("measure", text("dash.control.outcome", language), tuple((name, text(f"outcome.{name}", language)) for name in SHOWN_OUTCOMES))
    sections = (
        _outcomes(bundle, language),
        reach_section(bundle, language),
        _fair_work(bundle, language),
        _transitions(bundle, language),
        support_section(bundle, language),
        *_needs(bundle, language),
    )
    return PageContent(page_controls(bundle, language, chosen), sections)


def _at(wave: str, what: str, language: str) -> str:
    return text("dash.at_wave", language, what=what, wave=tables.code_label("wave", wave, language))


def _outcomes(bundle: Bundle, language: str) -> Section:
    """Return each outcome at each follow-up, with bounds for people not reached."""
    bounds = measure_rows(bundle, "outcome_bounds")
    panels: Panels = {}
    for outcome, wave in product(SHOWN_OUTCOMES, WAVES_AFTER):
        rows = bounds[(bounds["wave"] == wave) & (bounds["group"] == outcome)]
        heading = _at(wave, text(f"outcome.{outcome}", language), language)
        panels[outcome, wave] = counted(rows, heading=heading, about="outcome_bounds", language=language)
    return Section("outcome", text("dash.section.outcome", language), panels, ("measure", "wave"))


def reach_section(bundle: Bundle, language: str) -> Section:
    """Return how many were reached at each follow-up."""
    names = {kind: text(f"figure.{name}", language) for kind, name in (("yes", "reached"), ("unknown", "not_tried"), ("no", "not_reached"))}
    panels: Panels = {}
    for wave in WAVES_AFTER:
        heading = _at(wave, tables.measure_title(REACH, language), language)
        panels[(wave,)] = counted(measure_rows(bundle, REACH, wave=wave), heading=heading, about=REACH, language=language, names=names)
    return Section("reached", text("dash.section.reached", language), panels, ("wave",))


def _fair_work(bundle: Bundle, language: str) -> Section:
    table = measure_rows(bundle, "fair_work_criteria")
    asked = {(cohort, wave): (table["wave"] == wave) & (table["cohort_id"] == cohort) for wave, cohort in product(WAVES_AFTER, one_by_one(bundle))}
    panels: Panels = {key: plot_fair_work(table[rows], language=language) for key, rows in asked.items()}
    return Section("fair_work", text("dash.section.fair_work", language), panels, ("group", "wave"))


def _transitions(bundle: Bundle, language: str) -> Section:
    """Return in which situation people were at the end and later, and how many went from one to another."""
    table = bundle.table("transitions")
    panels: Panels = {}
    for wave, cohort in product(WAVES_AFTER[1:], one_by_one(bundle)):
        here = table[(table["end"] == wave) & (table["cohort_id"].eq(cohort) | (cohort == EVERY_COHORT))]
        moves = [(str(a), str(b), int(n)) for (a, b), n in here.groupby(["before", "after"], sort=False)["people"].sum().items()]
        panels[cohort, wave] = _moves(moves, cohort, wave, language)
    return Section("moves", text("dash.section.moves", language), panels, ("group", "wave"))


def _moves(moves: list[tuple[str, str, int]], cohort: str, wave: str, language: str) -> Exhibit:
    names = {s: text(f"dash.situation.{s}", language) for s in _SITUATIONS}
    moves = sorted(moves, key=lambda move: (_SITUATIONS.index(move[0]), _SITUATIONS.index(move[1])))
    first, last = (tables.code_label("wave", w, language) for w in (WAVES_AFTER[0], wave))
    waiting = sum(n for _, after, n in moves if after == "not_yet")
    people = sum(n for _, _, n in moves) - waiting
    changed = sum(n for before, after, n in moves if before != after and not {"not_known", "not_yet"} & {before, after})
    unknown = sum(n for before, after, n in moves if "not_known" in (before, after) and after != "not_yet")
    said = text("dash.moves", language, n=people, changed=changed, unknown=unknown, wave=last, group=label(cohort, language))
    return exhibit(
        [ExhibitRow("", [names[before], names[after], str(n)], mark=(before, after, n)) for before, after, n in moves],
        tables.headings(language, "situation_before", "situation_after", "people"),
        about="outcome_bounds",
        language=language,
        draw=(lambda marks: flows(marks, order=_SITUATIONS, names=names, before=first, after=last)) if people else None,
        more=[("", said)] if people else [],
        nothing="sentence.not_yet" if waiting else "sentence.nobody_due",
        caption=text("dash.moves_caption", language, group=label(cohort, language), wave=last),
    )


def support_section(bundle: Bundle, language: str) -> Section:
    """Return with how many there was contact in each month after the training, and who took over."""
    names = {kind: text(f"figure.{name}", language) for kind, name in (("yes", "contact"), ("unknown", "unknown"), ("no", "no_contact"))}
    handed = measure_rows(bundle, "handed_over", cohort_id=EVERY_COHORT)
    services = handed[handed["numerator"] > 0].set_index("group")["numerator"].astype(int)
    about = "support_continuing"
    caution = f"{tables.measure_caution(about, language)} {listing_of_services(services, language)}"
    panels: Panels = {}
    for wave, month in MONTH_OF.items():
        heading = text("dash.at_wave", language, what=tables.measure_title(about, language), wave=text("figure.month", language, month=month))
        rows = measure_rows(bundle, about, group=month)
        panels[(wave,)] = counted(rows, heading=heading, about=about, language=language, names=names, caution=caution)
    return Section("support", text("dash.section.support", language), panels, ("wave",))


def _needs(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return needs and whether they were met, hours given for each, and which support people want."""
    level, met = measure_rows(bundle, "need_level", wave="start"), measure_rows(bundle, "needs_met")
    wanted = pd.concat([measure_rows(bundle, measure, wave="start") for measure in ("preferred_support_first", "preferred_support")])
    hours = measure_rows(bundle, "delivered_hours", by="session_type")
    panels: dict[str, Panels] = {"needs": {}, "given": {}, "wanted": {}}
    for cohort in one_by_one(bundle):
        here, after, wishes = (table[table["cohort_id"] == cohort] for table in (level, met, wanted))
        held = hours[hours["cohort_id"] == cohort]
        panels["needs"][(cohort,)] = plot_needs(here, after, language=language)
        panels["given"][(cohort,)] = _needs_and_hours(here, held, cohort, language)
        panels["wanted"][(cohort,)] = plot_preferred_support(wishes, language=language)
    return tuple(Section(name, text(f"dash.section.{name}", language), found, ("group",)) for name, found in panels.items())


def _needs_and_hours(level: pd.DataFrame, hours: pd.DataFrame, cohort: str, language: str) -> Exhibit:
    """Return needs beside the hours held and planned for them."""
    by_type = hours.groupby("group")[["numerator", "denominator"]].sum(min_count=1)
    rows = []
    for row in level.sort_values("numerator", ascending=False, kind="stable").itertuples():
        types = [t for t in _ANSWERED_BY.get(str(row.group), ()) if t in by_type.index]
        if not types:
            continue
        held, planned = (by_type.loc[types, column].sum(min_count=1) for column in ("numerator", "denominator"))
        spent, aim = (0.0 if pd.isna(held) else float(held)), (None if pd.isna(planned) else float(planned))
        need, count = tables.code_label("need_domain", str(row.group), language), tables.count(row.numerator, row.denominator, language)
        words = tables.points(spent, language)
        cells = [need, count, words, "–" if aim is None else tables.points(aim, language)]
        rows.append(ExhibitRow("", cells, mark=(f"{need} ({count})", spent, aim, words)))
    group = label(cohort, language)
    said = [text("dash.given", language, group=group, need=row.cells[0], count=row.cells[1], hours=row.cells[2]) for row in rows[:1]]
    return exhibit(
        rows,
        tables.headings(language, "need_domain", "clear_need", "held_hours", "planned_hours"),
        about="delivered_hours",
        language=language,
        draw=lambda marks: plan_and_held(marks, **tables.legend(("planned", "held"), language), axis=text("figure.hours_axis", language)),
        more=[("", words) for words in said],
        nothing="sentence.no_needs",
        caption=text("dash.given_caption", language, group=group),
        caution=text("dash.given_caution", language),
    )
