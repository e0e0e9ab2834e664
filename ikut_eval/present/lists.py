"""Lists for people who act on them, without any participant's id."""

from datetime import date

import pandas as pd

from ikut_eval.contract.locale import day, text
from ikut_eval.present.tables import code_label

_ACT_ON = ("overdue", "due")


def due_lines(table: pd.DataFrame, on: date, language: str) -> list[str]:
    """Return a line a follow-up that waits or is late: the row on the sheet of participants, never the id.

    Parameters
    ----------
    table : pandas.DataFrame
        `follow_ups_due`.
    on : date
        The day that it judges by.
    """
    waiting = table[table["state"].isin(_ACT_ON)].sort_values(["closes", "row"])
    lines = [
        text(
            f"due.{row.state}",
            language,
            row=row.row,
            cohort=row.cohort_id,
            wave=code_label("wave", str(row.wave), language),
            opens=day(row.opens.date(), language),
            closes=day(row.closes.date(), language),
        )
        for row in waiting.itertuples()
    ]
    return [text("due.on", language, day=day(on, language)), *(lines or [text("due.nothing", language)])]
