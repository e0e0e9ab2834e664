"""Exhibits on what cannot be known: what so few could show at all, people lost, and who stays."""

from typing import Any

from ikut_eval.contract.analysis_plan import AnalysisPlan
from ikut_eval.contract.locale import number, once_in, percent, text
from ikut_eval.present import tables, theme
from ikut_eval.present.exhibit import Exhibit
from ikut_eval.present.figures import steps_and_band, unit_dots


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
