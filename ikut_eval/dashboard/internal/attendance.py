"""Attendance, and what was offered: who came, whether there was a group, notice and lateness, and the hours."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

import pandas as pd

from ikut_eval.contract.locale import listing, number, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.dashboard.page import PageContent, Section
from ikut_eval.present import tables
from ikut_eval.present.exhibit import spine_exhibit
from ikut_eval.present.side_by_side import (
    EVERY_COHORT,
    Cells,
    SessionCount,
    WeeklyCounts,
    bar_cell,
    came_cells,
    cohort_ids,
    columns_of,
    designs_of,
    kinds_of_sessions,
    measure_rows,
    row_of,
    session_counts,
    weekly_counts,
)
from ikut_eval.present.spine import Bands, Cell, Hours, Kinds, ShareBand, Spine, SpineGroup, SpineRow, Squares, Weeks
from ikut_eval.release.store import Bundle

RATES = ("attendance_rate", "attendance_rate_b")
_TWO, _THREE = 2, 3
"""How many people make a group, and one in which two can work together while a third is spoken with."""
_EVERYDAY = "everyday"
"""The type of session whose hours changed with the content of the training."""


def internal_attendance(bundle: Bundle, language: str) -> PageContent:
    """Return attendance and what was offered."""
    return PageContent((), (_group(bundle, language), _notice(bundle, language), _hours(bundle, language)), finding=_finding(bundle, language))


def _by_cohort(bundle: Bundle, measure: str, **where: str | int) -> dict[str, SessionCount]:
    return {cohort: count for (_, cohort), count in session_counts(measure_rows(bundle, measure, **where)).items()}


def _finding(bundle: Bundle, language: str) -> str:
    """Return in one line how many sessions people came to, and how many groups had two people or more; nothing before the first session."""
    came = _by_cohort(bundle, RATES[0], by="cohort").get(EVERY_COHORT, SessionCount())
    groups = _by_cohort(bundle, "group_viability", by="cohort", threshold=_TWO).get(EVERY_COHORT, SessionCount())
    return text("spine.attendance", language, came=came.words(language), groups=groups.words(language)) if came.n and groups.n else ""


def _group(bundle: Bundle, language: str) -> Section:
    """Return who came week by week, and whether there was a group to come to."""
    by_week = {rate: weekly_counts(bundle, rate) for rate in RATES}
    sizes = {people: weekly_counts(bundle, "group_viability", threshold=people) for people in (_TWO, _THREE)}
    weeks = sorted({int(week) for week, _ in by_week[RATES[0]] if week.isdigit()})
    rows = {"weeks": _sessions(bundle, by_week, weeks, language), "groups": _squares(bundle, sizes, weeks, language)}
    question, note = text("dash.section.viability", language), [text("spine.weeks.note", language), *_gaps(bundle, sizes[_TWO], language)]
    exhibit = spine_exhibit(
        Spine(columns_of(bundle, language), (SpineGroup("", "", _named(bundle, rows, language)),)),
        language=language,
        about=RATES[0],
        sentence=text("spine.weeks.said", language),
        caption=question,
        caution=" ".join(note),
        told=(
            *(_rate_in_words(bundle, rate, by_week[rate], language) for rate in RATES),
            *(_sizes_in_words(bundle, people, weekly, language) for people, weekly in sizes.items()),
        ),
    )
    found = _few(bundle, language)
    return Section("viability", found or question, {(): exhibit}, question=question if found else "")


def _named(bundle: Bundle, rows: Mapping[str, Cells], language: str, **words: object) -> tuple[SpineRow, ...]:
    return tuple(row_of(bundle, text(f"spine.{name}", language), text(f"spine.{name}.detail", language, **words), cells) for name, cells in rows.items())


def _few(bundle: Bundle, language: str) -> str:
    """Return how many group sessions had fewer than two people, before and after the content changed."""
    counts = _by_cohort(bundle, "group_viability", by="cohort", threshold=_TWO)
    first, *later = designs_of(bundle) or [[]]
    few = [tables.count(sum(c.n - c.k for c in of), sum(c.n for c in of), language) for of in _divided(counts, first, later)]
    if "–" not in few:
        return text("spine.few.changed", language, first=listing(first, language), before=few[0], after=few[1])
    every = counts.get(EVERY_COHORT, SessionCount())
    return text("spine.few", language, count=tables.count(every.n - every.k, every.n, language)) if every.n else ""


def _divided(values: Mapping[str, Any], first: Sequence[str], later: Sequence[Sequence[str]]) -> tuple[list[Any], list[Any]]:
    """Return the values of the cohorts before the content first changed, and of those after."""
    return [values[c] for c in first if c in values], [values[c] for of in later for c in of if c in values]


def _sessions(bundle: Bundle, by_week: Mapping[str, WeeklyCounts], weeks: Sequence[int], language: str) -> Cells:
    """Return attendance with its shares week by week; of all cohorts the interval of each on the same scale."""
    zero, half, whole = (percent(share, language) for share in (0, 0.5, 1))
    scale = (zero, half, whole)
    cells = came_cells(bundle, RATES[0], language)
    bands = tuple((cohort, cell.drawn, cell.more) for cohort, cell in cells.items() if cohort != EVERY_COHORT and isinstance(cell.drawn, ShareBand))
    for cohort, cell in cells.items():
        if not isinstance(cell.drawn, ShareBand):
            cells[cohort] = Cell(_waiting(by_week[RATES[0]], cohort, language))
        elif cohort == EVERY_COHORT:
            cells[cohort] = cell._replace(drawn=Bands(bands, scale))
        else:
            both = [tuple(_share(by_week[rate].get((str(week), cohort), SessionCount())) for week in weeks) for rate in RATES]
            own, other = (", ".join("–" if share is None else percent(share, language) for share in shares) for shares in both)
            heard = f"{cell.heard} {text('spine.weeks.heard', language, own=own, other=other)}".strip()
            cells[cohort] = cell._replace(heard=heard, drawn=Weeks(both[0], both[1], scale))
    return cells


def _share(count: SessionCount) -> float | None:
    return count.k / count.n if count.n else None


def _waiting(weekly: WeeklyCounts, cohort: str, language: str) -> str:
    """Return "not yet" for a cohort that has weeks to come and no session yet, else a dash."""
    return SessionCount(waits=sum(count.waits for (_, own), count in weekly.items() if own == cohort)).words(language)


def _kinds_in_words(kinds: Mapping[str, int], language: str) -> str:
    return " · ".join(f"{text(f'spine.legend.{kind}', language)}: {n}" for kind, n in kinds.items() if n)


def _squares(bundle: Bundle, sizes: Mapping[int, WeeklyCounts], weeks: Sequence[int], language: str) -> Cells:
    """Return how many group sessions had two people or more, with a square for each session of a known week; of all cohorts how many of each kind."""
    two, three = (_by_cohort(bundle, "group_viability", by="cohort", threshold=people) for people in (_TWO, _THREE))
    cells = {}
    for cohort, count in two.items():
        kinds = kinds_of_sessions(count, three[cohort])
        if not count.n and not count.missing:
            cells[cohort] = Cell(_waiting(sizes[_TWO], cohort, language))
            continue
        drawn: Kinds | Squares = Kinds(tuple((kind, n, text(f"spine.legend.{kind}", language)) for kind, n in kinds.items() if n))
        if cohort != EVERY_COHORT:
            by_week = [kinds_of_sessions(*(sizes[people].get((str(week), cohort), SessionCount()) for people in (_TWO, _THREE))) for week in weeks]
            drawn = Squares(tuple(tuple(kind for kind, n in own.items() for _ in range(n)) for own in by_week))
        cells[cohort] = Cell(count.words(language), text("spine.two_or_more", language) if count.n else "", _kinds_in_words(kinds, language), drawn=drawn)
    return cells


def _gaps(bundle: Bundle, two: WeeklyCounts, language: str) -> list[str]:
    """Return in which cohorts the register has gaps, and in which a session has no week and stands in no drawing; nothing where there are none."""
    gaps = {cohort: count.missing for cohort, count in _by_cohort(bundle, RATES[0], by="cohort").items()}
    unplaced = {cohort: count.n + count.missing for (week, cohort), count in two.items() if not week.isdigit()}
    found = []
    for key, each in (("spine.weeks.gaps", gaps), ("spine.weeks.unplaced", unplaced)):
        own = [f"{cohort}: {n}" for cohort, n in each.items() if n and cohort != EVERY_COHORT]
        found += [text(key, language, each=listing(own, language))] if own else []
    return found


def _week(week: str, language: str) -> str:
    return text("table.week_number", language, week=week) if week.isdigit() else text("table.week_unknown", language)


def _weeks_in_words(bundle: Bundle, weekly: WeeklyCounts, write: Callable[[str, str], str], language: str) -> list[SpineRow]:
    """Return a row a week, its cells by `write` from week and cohort; sessions whose week is not entered last."""
    weeks = sorted({week for week, _ in weekly}, key=lambda week: (not week.isdigit(), int(week) if week.isdigit() else 0))
    return [row_of(bundle, _week(week, language), "", {cohort: Cell(write(week, cohort)) for own, cohort in weekly if own == week}) for week in weeks]


def _rate_in_words(bundle: Bundle, rate: str, weekly: WeeklyCounts, language: str) -> SpineGroup:
    """Return a rate for the table: the whole training, people's lowest and highest, gaps of the register, then week by week."""
    whole = {cohort: Cell(cell.words) for cohort, cell in came_cells(bundle, rate, language).items()}
    people, gaps = {}, {}
    for row in measure_rows(bundle, rate, by="cohort").itertuples():
        ends = None if pd.isna(row.minimum) else (float(row.minimum) / 100, float(row.maximum) / 100)
        people[str(row.cohort_id)], gaps[str(row.cohort_id)] = Cell(tables.between(ends, language)), Cell(number(row.n_missing, language))
    named = {"table.whole_training": whole, "table.person_range": people, "table.register_gaps": gaps}
    rows = [row_of(bundle, text(key, language), "", cells) for key, cells in named.items()]
    by_week = _weeks_in_words(bundle, weekly, lambda week, cohort: weekly[week, cohort].words(language), language)
    return SpineGroup(tables.measure_title(rate, language), "", (*rows, *by_week))


def _sizes_in_words(bundle: Bundle, people: int, weekly: WeeklyCounts, language: str) -> SpineGroup:
    """Return to how many group sessions so many people came, for the table: the whole training, those that gaps leave open, then week by week."""
    counts = _by_cohort(bundle, "group_viability", by="cohort", threshold=people)
    whole = {cohort: Cell(tables.count_and_share(count.k, count.n, language)) for cohort, count in counts.items()}
    undecided = {cohort: Cell(number(count.missing, language)) for cohort, count in counts.items()}
    rows = [row_of(bundle, text(f"table.{name}", language), "", cells) for name, cells in (("whole_training", whole), ("undecided", undecided))]
    by_week = _weeks_in_words(bundle, weekly, lambda week, cohort: weekly[week, cohort].words(language), language)
    title = f"{tables.measure_title('group_viability', language)} ({text('figure.at_least', language, people=people)})"
    return SpineGroup(title, "", (*rows, *by_week))


def _notice(bundle: Bundle, language: str) -> Section:
    """Return how many absences were reported, how many arrivals were late, and how many meetings with one person took place."""
    guided = _by_cohort(bundle, RATES[0], by="session_type", group="individual_guidance")
    guided[EVERY_COHORT] = SessionCount(*map(sum, zip(*guided.values(), strict=True)))
    counts = {
        "notified": _by_cohort(bundle, "notification_rate", by="cohort"),
        "late": _by_cohort(bundle, "late_share", by="cohort"),
        "guided": guided,
    }
    rows = {name: {cohort: bar_cell(count.k, count.n, language) for cohort, count in own.items()} for name, own in counts.items()}
    spine = Spine(columns_of(bundle, language, brief=True), (SpineGroup("", "", _named(bundle, rows, language)),))
    question, (notified, late) = text("dash.section.notice", language), (counts[name].get(EVERY_COHORT, SessionCount()) for name in ("notified", "late"))
    found = text("spine.notice", language, notified=notified.words(language), late=late.words(language)) if notified.n and late.n else ""
    note = " ".join([text("spine.notice.note", language), *_minutes(bundle, language)])
    said = text("spine.notice.said", language)
    exhibit = spine_exhibit(spine, language=language, about="notification_rate", sentence=said, caption=question, caution=note)
    return Section("notice", found or question, {(): exhibit}, question=question if found else "")


def _minutes(bundle: Bundle, language: str) -> list[str]:
    """Return how many minutes late people came, cohort by cohort; nothing where nobody was late."""
    each = []
    for row in measure_rows(bundle, "minutes_late").dropna(subset="value").itertuples():
        median, low, high = (number(float(value), language) for value in (row.value, row.minimum, row.maximum))
        each.append(f"{row.cohort_id}: {text('minutes_range', language, median=median, low=low, high=high)}")
    return [text("spine.notice.minutes", language, each="; ".join(each))] if each else []


def _hours(bundle: Bundle, language: str) -> Section:
    """Return the hours held and planned by type of session, each on one scale, and what they come to together."""
    table = measure_rows(bundle, "delivered_hours", by="session_type")
    cohorts = table[table["cohort_id"] != EVERY_COHORT]
    most = max([10.0, *(10.0 * ceil(value / 10) for name in ("numerator", "denominator") for value in cohorts[name].dropna())])
    types, groups = load_contract().code_lists["session_type"], []
    for mode in ("individual", "group", "any"):
        rows = [
            row_of(bundle, types.label(code, language), "", _held(table[table["group"] == code], most, language), first=code == _EVERYDAY)
            for code in types.codes_with("mode", mode)
            if (table["group"] == code).any()
        ]
        groups += [SpineGroup(text(f"spine.hours.{mode}", language), "", tuple(rows))] if rows else []
    groups.append(SpineGroup(text("spine.hours.together", language), "", _together(bundle, language)))
    spine = Spine(columns_of(bundle, language, brief=True), tuple(groups))
    question, said = text("dash.section.hours", language), text("spine.hours.said", language, most=number(most, language))
    told = (*groups, _weekly_hours(bundle, language))
    exhibit = spine_exhibit(spine, language=language, about="delivered_hours", sentence=said, caption=question, told=told)
    found = _everyday(bundle, cohorts, language)
    return Section("hours", found or question, {(): exhibit}, question=question if found else "")


def _held(table: pd.DataFrame, most: float | None, language: str) -> Cells:
    """Return hours held, with those planned beside them or as a line; `most` is the end of the scale, None for words alone."""
    cells = {}
    for row in table.itertuples():
        held, planned = float(row.numerator), None if pd.isna(row.denominator) else float(row.denominator)
        figure = tables.points(held, language)
        if not held and (planned == 0 or row.n_not_yet or planned is None):
            figure = text("not_yet", language) if row.n_not_yet and planned != 0 else "–"
        words = text("spine.hours.planned", language, hours=tables.points(planned, language)) if planned else ""
        cells[str(row.cohort_id)] = Cell(figure, words)
        if most and row.cohort_id != EVERY_COHORT and (held or planned):
            cells[str(row.cohort_id)] = Cell(figure, heard=words, drawn=Hours(held / most, None if planned is None else planned / most))
    return cells


def _together(bundle: Bundle, language: str) -> tuple[SpineRow, ...]:
    """Return all hours, the weight of everyday life and wellbeing in them, the weeks with as many group hours as planned, and sessions cancelled."""
    hours = measure_rows(bundle, "delivered_hours", by="cohort")
    cancelled = {str(row.cohort_id): Cell(number(int(row.n_missing), language)) for row in hours.itertuples()}
    fewest = bundle.table("cohorts")["planned_group_hours_week_min"].dropna()
    rows = {"all_hours": _held(hours, None, language), "weight": _weight(bundle, language)}
    rows |= {"full_weeks": _full_weeks(bundle, language)} if len(fewest) else {}
    return _named(bundle, {**rows, "cancelled": cancelled}, language, fewest=_range(fewest, language) if len(fewest) else "")


def _weight(bundle: Bundle, language: str) -> Cells:
    """Return the share of hours for everyday life and wellbeing, held and planned."""
    table = measure_rows(bundle, "everyday_wellbeing_share")
    sums = pd.concat([table, table.assign(cohort_id=EVERY_COHORT)]).groupby(["cohort_id", "group"])[["numerator", "denominator"]].sum()
    shares = {key: percent(float(k) / float(n), language) for key, k, n in sums.itertuples(name=None) if n}
    cells = {}
    for cohort in (*cohort_ids(bundle), EVERY_COHORT):
        planned = shares.get((cohort, "planned"))
        more = "" if planned is None else text("spine.weight.planned", language, share=planned)
        cells[cohort] = Cell(shares.get((cohort, "held"), "–"), more)
    return cells


def _full_weeks(bundle: Bundle, language: str) -> Cells:
    """Return how many weeks that are over had the fewest group hours planned or more, with the range of their hours."""
    table = measure_rows(bundle, "weekly_group_hours")
    over = table.dropna(subset=["numerator", "denominator"])
    cells = {}
    for cohort in (*cohort_ids(bundle), EVERY_COHORT):
        whole, own = (each if cohort == EVERY_COHORT else each[each["cohort_id"] == cohort] for each in (table, over))
        waits = int(whole["n_not_yet"].fillna(0).sum())
        figure = tables.count_due(int((own["numerator"] >= own["denominator"]).sum()), len(own), waits, language)
        more = [text("spine.hours.each", language, hours=_range(own["numerator"], language))] if len(own) else []
        cells[cohort] = Cell(figure, " · ".join([*more, *([text("spine.not_yet", language, n=waits)] if waits and len(own) else [])]))
    return cells


def _range(hours: Sequence[float] | pd.Series, language: str) -> str:
    """Return from how many hours to how many: "20.25–24.75"."""
    ends = [tables.points(float(end), language) for end in (min(hours), max(hours))]
    return "–".join(dict.fromkeys(ends))


def _weekly_hours(bundle: Bundle, language: str) -> SpineGroup:
    """Return the group hours of each week for the table."""
    table = measure_rows(bundle, "weekly_group_hours")
    known = {
        (str(row.group), str(row.cohort_id)): text("not_yet" if row.n_not_yet else "not_entered", language)
        if pd.isna(row.numerator)
        else tables.points(float(row.numerator), language)
        for row in table.itertuples()
    }
    rows = _weeks_in_words(bundle, dict.fromkeys(known, SessionCount()), lambda week, cohort: known[week, cohort], language)
    return SpineGroup(tables.measure_title("weekly_group_hours", language), "", tuple(rows))


def _everyday(bundle: Bundle, table: pd.DataFrame, language: str) -> str:
    """Return how many hours of everyday-life skills were held before and after the content changed; without a change how many of all."""
    own = {str(row.cohort_id): float(row.numerator) for row in table[table["group"] == _EVERYDAY].itertuples() if row.numerator or not row.n_not_yet}
    first, *later = designs_of(bundle) or [[]]
    before, after = _divided(own, first, later)
    if before and after:
        words = {"type": tables.code_label("session_type", _EVERYDAY, language), "first": listing(first, language)}
        return text("spine.hours.changed", language, before=_range(before, language), after=_range(after, language), **words)
    whole = measure_rows(bundle, "delivered_hours", by="cohort", cohort_id=EVERY_COHORT)
    held, planned = (float(whole[name].fillna(0).sum()) for name in ("numerator", "denominator"))
    return text("spine.hours.held", language, count=tables.count(held, planned, language)) if held and planned else ""
