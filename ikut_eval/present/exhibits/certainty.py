"""What can be concluded from so few answers: changes with their intervals, detectable effects, tipping points."""

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.errors import UsageError
from ikut_eval.contract.locale import number, once_in, percent, text
from ikut_eval.contract.schema import load_contract
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.exhibits.rights import Change
from ikut_eval.present.figures import dots_and_ranges, steps_and_band, unit_dots
from ikut_eval.present.theme import DOWN, SAME, UP


class Ends(Protocol):
    """An interval, as far as it is shown."""

    @property
    def lower(self) -> float: ...
    @property
    def upper(self) -> float: ...
    @property
    def level(self) -> float: ...


class TestedChange(Change, Protocol):
    """A change that can be tested."""

    def exact_test(self, method: str = ..., *, zeros: str = ...) -> Any: ...


def plot_mean_change(change: TestedChange | Sequence[TestedChange], *, plan: AnalysisPlan, language: str) -> Exhibit:
    """The mean change with people as dots, its exact interval, and what chance alone could do.

    Parameters
    ----------
    change : PairedChange or sequence of PairedChange
        One cohort; or the cohorts, and last the whole pilot.
    plan : AnalysisPlan
        Decides level, test and sides. Its own comparison is that of several cohorts together; the rest is marked
        exploratory.
    """
    changes = list(change) if isinstance(change, Sequence) else [change]
    rows, drawn, said = [], [], []
    for one in changes:
        several = len(one.cohort_ids) > 1
        label = text("table.all_cohorts", language) if several else ", ".join(one.cohort_ids) or "–"
        covered = several and plan.covers(one)
        planned = text("plan.planned" if covered else "plan.exploratory", language)
        if one.n_paired < 2:
            rows.append([label, str(one.n_paired), str(one.n_missing), "–", "–", "–", "–", planned])
            if one.n_paired or one.n_missing:
                said.append(text("mean_change.too_few", language, cohort=label, pairs=one.n_paired))
            continue
        test = one.exact_test(plan.method, zeros=plan.zeros)
        found = highest_interval(one.exact_test("mean_change"), 1 - plan.alpha)
        mean = float(sum(one.changes)) / one.n_paired
        shown = number(mean, language, 2)
        said.append(text("mean_change.line", language, cohort=label, mean=shown, n=one.n_paired, missing=one.n_missing))
        said[-1] += " " + _said_interval(found, plan, language) + " " + said_test(test, plan, language, planned=covered) + f" {planned}"
        between = text("range", language, low=number(found.lower, language, 2), high=number(found.upper, language, 2)) if found else "–"
        level = level_words(found.level, language) if found else "–"
        rows.append([label, str(one.n_paired), str(one.n_missing), shown, between, level, p_words(plan.p(test), language), planned])
        drawn.append((label, [float(c) for c in one.changes], (mean, mean), (found.lower, found.upper) if found else None, shown))
    if len(changes) > 1 and drawn:
        cohorts = len({name for one in changes if one.n_paired for name in one.cohort_ids})
        said.append(text("mean_change.cohort_floor", language, n=cohorts, floor=p_words(2.0 ** (1 - cohorts), language)))
    if drawn:
        said.append(text("assumption.exchangeable_within_person", language))
    known = load_contract().instruments.get(next((c.instrument for c in changes if c.instrument), ""))
    figure = None
    if drawn:
        reach = max(1.0, *(abs(v) for _, dots, _, ends, _ in drawn for v in (*dots, *(ends or ()))))
        names = {name: text(f"figure.{name}", language) for name in ("person", "mean", "interval")}
        figure = dots_and_ranges(
            drawn,
            dot=names["person"],
            estimate=names["mean"],
            interval=names["interval"],
            axis=text("figure.change_in_points", language),
            limits=(-reach, reach),
            zero=True,
        )
    return Exhibit(
        sentence="\n".join(said) or text("sentence.no_pairs", language),
        drawing=figure,
        table=tables.headed(rows, ["cohort", "pairs", "missing", "mean_change", "interval", "level", "p", "plan"], language),
        caption=text("caption.mean_change", language, instrument=known.labels[language] if known else tables.title("paired_change", language)),
        caution=tables.caution("paired_change", language),
        language=language,
    )


def highest_interval(test: Any, level: float) -> Ends | None:
    """Return the interval at the level, or at the highest level that so few people have; None where there is none."""
    try:
        found: Ends = test.interval(min(level, test.highest_level))
    except UsageError:
        return None
    return found


def level_words(level: float, language: str) -> str:
    """Return a level in per cent, with the decimals that it needs."""
    return percent(level, language) if abs(100 * level - round(100 * level)) < 1e-9 else text("percent_exact", language, value=number(100 * level, language, 2))


def p_words(p: float, language: str) -> str:
    """Return a p-value as a number."""
    return number(p, language, 3) if p >= 0.001 else text("smaller_than", language, value=number(0.001, language, 3))


def _said_interval(found: Ends | None, plan: AnalysisPlan, language: str) -> str:
    if found is None:
        return text("mean_change.no_interval", language)
    values = {"low": number(found.lower, language, 2), "high": number(found.upper, language, 2), "level": level_words(found.level, language)}
    if found.level < 1 - plan.alpha:
        return text("mean_change.lower_level", language, wanted=level_words(1 - plan.alpha, language), **values)
    return text("mean_change.interval", language, **values)


def said_test(test: Any, plan: AnalysisPlan, language: str, *, planned: bool) -> str:
    """Return what chance alone could do, on the side that the plan names."""
    p, floor = plan.p(test), plan.floor(test)
    key = "not_attainable" if floor > plan.alpha else ("below" if planned else "below_unplanned") if p <= plan.alpha else "above"
    values = {"n": test.n, "p": once_in(p, language), "floor": once_in(floor, language), "alpha": percent(plan.alpha, language)}
    return text(f"inference.{key}", language, **values)


class Shift(Protocol):
    """What `item_shift` returns, as far as it is shown."""

    def to_frame(self) -> pd.DataFrame: ...
    def sentence(self, language: str, *, level: float = ...) -> str: ...


def plot_item_shift(shift: Shift, *, plan: AnalysisPlan, language: str) -> Exhibit:
    """Who answers each statement higher, the same or lower than before; p adjusted for looking at all of them.

    Parameters
    ----------
    shift : ItemShift
        Of one cohort or of all; always exploratory.
    """
    frame = shift.to_frame()
    kinds = {"rose": UP, "same": SAME, "fell": DOWN}
    rows, marks = [], []
    for row in frame.to_dict("records"):
        label = f"{row['item']} {tables.item_text(row['item'], language)}"
        known = row["n"] > 1
        p, adjusted = (p_words(row[k], language) if known else "–" for k in ("p", "p_holm"))
        rows.append([label, *(str(row[k]) for k in ("rose", "same", "fell", "n_missing")), p, adjusted])
        if row["n"]:
            marks.append((tables.wrapped(label), [(kind, int(row[kind])) for kind in kinds], f"p {adjusted}" if known else ""))
    names = {"rose": text("figure.improved", language), "same": text("figure.same", language), "fell": text("figure.worse", language)}
    headings = [text("table.question", language), *names.values(), *(text(f"table.{name}", language) for name in ("missing", "p", "p_holm"))]
    return Exhibit(
        sentence=shift.sentence(language, level=1 - plan.alpha) + " " + text("plan.exploratory", language),
        drawing=unit_dots(marks, kinds=kinds, names=names) if marks else None,
        table=pd.DataFrame(rows, columns=headings, dtype="str"),
        caption=text("caption.item_shift", language),
        caution=tables.caution("item_agreement", language),
        language=language,
    )


def plot_detectable(detectable: Any, *, language: str) -> Exhibit:
    """What groups of such sizes could show at all, whatever they answer.

    Parameters
    ----------
    detectable : Detectable
    """
    rows, marks = [], []
    for row in detectable.rows:
        name = text("detectable.all", language) if row["cohort_id"] == "all" else str(row["cohort_id"])
        n, share = int(row["n"]), row["share"]
        floor = once_in(float(row["p_floor"]), language) if n else "–"
        least = "–" if share is None else percent(share, language)
        rows.append([name, str(n), floor, least, "–" if share is None else number(row["effect"], language, 1)])
        if n:
            kind = "cannot" if share is None else "can"
            marks.append((name, [(kind, n)], text(f"figure.{kind}_show", language)))
    kinds = {"can": theme.YES, "cannot": theme.NO}
    names = {kind: text(f"figure.{kind}_show", language) for kind in kinds}
    return Exhibit(
        sentence=detectable.sentence(language),
        drawing=unit_dots(marks, kinds=kinds, names=names) if marks else None,
        table=tables.headed(rows, ["cohort", "people", "chance_floor", "least_share", "least_effect"], language),
        caption=text("caption.detectable", language),
        caution=text("assumption.before_the_data", language),
        language=language,
    )


def plot_tipping(tipping: Any, *, language: str) -> Exhibit:
    """How many of the people who were not reached must have an outcome for at least half of all to have it.

    Parameters
    ----------
    tipping : TippingCount
        Of one cohort and several outcomes, or of several cohorts and one outcome.
    """
    kinds = {"known": theme.YES, "needed": theme.UNKNOWN, "rest": theme.NO}
    names = {kind: text(f"figure.tipping_{kind}", language) for kind in kinds}
    single = len({row["cohort_id"] for row in tipping.rows}) <= 1
    rows, marks, said = [], [], []
    for row in tipping.rows:
        outcome = text(f"outcome.{row['group']}", language)
        label = outcome if single else str(row["cohort_id"])
        n, known, unreached, needed = (row[name] for name in ("n", "at_least", "n_missing", "needed"))
        words = "–" if not n else text("tipping.impossible", language) if needed is None else tables.count(needed, unreached, language) if needed else "0"
        rows.append([str(row["cohort_id"]), outcome, tables.count(known, n, language), str(unreached), words])
        if n:
            key = "never" if needed is None else "needed" if needed else "always"
            values = {"label": label, "known": known, "of": n, "unreached": unreached, "needed": needed, "share": percent(tipping.share, language)}
            said.append(text(f"tipping_count.{key}", language, **values))
            more = needed or 0
            marks.append((label, [("known", known), ("needed", more), ("rest", n - known - more)], tables.count(known, n, language)))
    return Exhibit(
        sentence="\n".join(said) or text("sentence.nobody_due", language),
        drawing=unit_dots(marks, kinds=kinds, names=names) if marks else None,
        table=tables.headed(rows, ["cohort", "outcome", "known_share", "unreached", "needed"], language),
        caption=text("caption.tipping", language, share=percent(tipping.share, language)),
        caution=text("assumption.nothing_about_unreached", language),
        language=language,
    )


def plot_staying(staying: Any, *, plan: AnalysisPlan, language: str) -> Exhibit:
    """How many are still in the training, week by week.

    Parameters
    ----------
    staying : Staying
    plan : AnalysisPlan
        Decides the level.
    """
    frame = staying.to_frame(1 - plan.alpha)
    rows = []
    for r in frame.itertuples():
        inside = text("range", language, low=percent(r.lower, language), high=percent(r.upper, language))
        rows.append([number(r.week, language), str(r.n_at_risk), percent(r.share, language), inside])
    percents = [percent(share, language) for share in (0, 0.25, 0.5, 0.75, 1)]
    names = (text("figure.staying", language), text("figure.interval", language))
    columns = ([float(v) for v in frame[name]] for name in ("week", "share", "lower", "upper"))
    return Exhibit(
        sentence=staying.sentence(language, level=1 - plan.alpha),
        drawing=steps_and_band(*columns, names=names, axis=text("figure.week_axis", language), percents=percents) if len(frame) else None,
        table=tables.headed(rows or [["–"] * 4], ["week", "people", "share", "interval"], language),
        caption=text("caption.staying", language),
        caution=text("assumption.leaving_untold", language),
        language=language,
    )
