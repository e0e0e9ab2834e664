"""What came afterwards: reached, work, fair work, study, services, support, and needs against the support given."""

from ikut_eval.contract.locale import text
from ikut_eval.dashboard.internal.counts import counted, counts_of
from ikut_eval.dashboard.internal.needs import needs_sections
from ikut_eval.dashboard.internal.tables import ALL, FOLLOW_UPS, cohort_ids, cohorts_control, group_control, label, measure_rows, view_control, wave_control
from ikut_eval.dashboard.page import Control, Panel, Panels, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.exhibits.outcomes import listing_of_services, plot_fair_work
from ikut_eval.present.figures_of_people import flows
from ikut_eval.release.store import Bundle

OUTCOMES = ("in_work", "fair_work", "in_work_trial", "in_study", "seeking_work", "next_service")
_SITUATIONS = ("in_work", "in_work_trial", "in_study", "seeking_work", "other", "not_known", "not_yet")
_MONTHS = ("1", "3", "6", "12")


def controls(bundle: Bundle, language: str) -> tuple[Control, ...]:
    """Return what a reader can choose on the page."""
    outcomes = tuple((outcome, text(f"outcome.{outcome}", language)) for outcome in OUTCOMES)
    return (
        Control("measure", text("dash.control.outcome", language), outcomes),
        wave_control(language),
        view_control(language),
        group_control(bundle, language),
        cohorts_control(bundle, language),
    )


def sections(bundle: Bundle, language: str) -> tuple[Section, ...]:
    """Return the page's questions, in their order."""
    return (
        outcome_section(bundle, language),
        reach_section(bundle, language),
        _fair_work(bundle, language),
        _transitions(bundle, language),
        support_section(bundle, language),
        *needs_sections(bundle, language),
    )


def outcome_section(bundle: Bundle, language: str) -> Section:
    """Return each outcome at each follow-up, with bounds for people not reached."""
    bounds = measure_rows(bundle, "outcome_bounds")
    panels: Panels = {}
    for outcome in OUTCOMES:
        for wave in FOLLOW_UPS:
            heading = text("dash.at_wave", language, what=text(f"outcome.{outcome}", language), wave=tables.code_label("wave", wave, language))
            panels[outcome, wave] = counted(
                counts_of(bounds[(bounds["wave"] == wave) & (bounds["group"] == outcome)]),
                heading=heading,
                caption=heading,
                caution=tables.caution("outcome_bounds", language),
                language=language,
            )
    return Section("outcome", text("dash.section.outcome", language), panels, ("measure", "wave"))


def reach_section(bundle: Bundle, language: str) -> Section:
    """Return how many were reached at each follow-up."""
    names = {kind: text(f"figure.{name}", language) for kind, name in (("yes", "reached"), ("unknown", "not_tried"), ("no", "not_reached"))}
    panels: Panels = {}
    for wave in FOLLOW_UPS:
        heading = text("dash.at_wave", language, what=tables.title("follow_up_reach", language), wave=tables.code_label("wave", wave, language))
        panels[(wave,)] = counted(
            counts_of(measure_rows(bundle, "follow_up_reach", wave=wave), missing_counted=True),
            heading=heading,
            caption=heading,
            caution=tables.caution("follow_up_reach", language),
            language=language,
            names=names,
        )
    return Section("reached", text("dash.section.reached", language), panels, ("wave",))


def _fair_work(bundle: Bundle, language: str) -> Section:
    panels: Panels = {}
    for wave in FOLLOW_UPS:
        table = measure_rows(bundle, "fair_work_criteria", wave=wave)
        for cohort in (ALL, *cohort_ids(bundle)):
            panels[cohort, wave] = Panel(plot_fair_work(table[table["cohort_id"] == cohort], language=language))
    return Section("fair_work", text("dash.section.fair_work", language), panels, ("group", "wave"))


def _transitions(bundle: Bundle, language: str) -> Section:
    table = bundle.table("transitions")
    names = {s: text(f"dash.situation.{s}", language) for s in _SITUATIONS}
    panels: Panels = {}
    for wave in FOLLOW_UPS[1:]:
        there = table[table["end"] == wave]
        for cohort in (ALL, *cohort_ids(bundle)):
            here = there if cohort == ALL else there[there["cohort_id"] == cohort]
            moves = [(str(a), str(b), int(n)) for (a, b), n in here.groupby(["before", "after"], sort=False)["people"].sum().items()]
            panels[cohort, wave] = _moves(moves, cohort, wave, names, language)
    return Section("moves", text("dash.section.moves", language), panels, ("group", "wave"))


def _moves(moves: list[tuple[str, str, int]], cohort: str, wave: str, names: dict[str, str], language: str) -> Panel:
    moves = sorted(moves, key=lambda move: (_SITUATIONS.index(move[0]), _SITUATIONS.index(move[1])))
    ends = [tables.code_label("wave", w, language) for w in (FOLLOW_UPS[0], wave)]
    people = sum(n for _, _, n in moves)
    waiting = sum(n for _, after, n in moves if after == "not_yet")
    changed = sum(n for before, after, n in moves if before != after and not {"not_known", "not_yet"} & {before, after})
    unknown = sum(n for before, after, n in moves if "not_known" in (before, after) and after != "not_yet")
    values = {"n": people - waiting, "changed": changed, "unknown": unknown, "wave": ends[1], "group": label(cohort, language)}
    rows = [[names[before], names[after], str(n)] for before, after, n in moves]
    told = people - waiting > 0
    exhibit = Exhibit(
        sentence=text("dash.moves", language, **values) if told else text("sentence.not_yet" if waiting else "sentence.nobody_due", language),
        drawing=flows(moves, order=_SITUATIONS, names=names, before=ends[0], after=ends[1]) if told else None,
        table=tables.headed(rows, ["situation_before", "situation_after", "people"], language),
        caption=text("dash.moves_caption", language, group=label(cohort, language), wave=ends[1]),
        caution=tables.caution("outcome_bounds", language),
        language=language,
    )
    return Panel(exhibit)


def support_section(bundle: Bundle, language: str) -> Section:
    """Return with how many there was contact in each month after the training, and who took over."""
    names = {kind: text(f"figure.{name}", language) for kind, name in (("yes", "contact"), ("unknown", "unknown"), ("no", "no_contact"))}
    handed = measure_rows(bundle, "handed_over", cohort_id=ALL)
    services = handed[handed["numerator"] > 0].set_index("group")["numerator"].astype(int)
    panels: Panels = {}
    for month in _MONTHS:
        heading = text("dash.at_wave", language, what=tables.title("support_continuing", language), wave=text("figure.month", language, month=month))
        panel = counted(
            counts_of(measure_rows(bundle, "support_continuing", group=month)),
            heading=heading,
            caption=heading,
            caution=f"{tables.caution('support_continuing', language)} {listing_of_services(services, language)}",
            language=language,
            names=names,
        )
        panels[("m" + month,)] = panel
    return Section(
        "support", text("dash.section.support", language), {("exit",): panels[("m1",)], **{k: panels[k] for k in (("m3",), ("m6",), ("m12",))}}, ("wave",)
    )
