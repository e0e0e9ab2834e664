"""A published figure in Finnish, Swedish and English. Only what is displayed enters the words and the percentages."""

import re

from ikut_eval.contract.errors import DisclosureError
from ikut_eval.contract.locale import number, percent, text
from ikut_eval.disclosure.views import CodedFigure

_FORM = re.compile(r"(?:(?P<sign><=|>=|<|>|~) )?(?P<low>[\d.]+)(?:-(?P<high>[\d.]+))?(?P<share> %)?(?: of (?P<of>\d+))?")
_SIGNS = {"<=": "published.at_most", ">=": "published.at_least", "<": "published.under", ">": "published.over", "~": "published.about"}


def figure_text(figure: CodedFigure, language: str) -> str:
    """Return a figure as people read it; its state in words where nothing is shown.

    Examples
    --------
    >>> from ikut_eval.disclosure.views import pair_count
    >>> figure_text(pair_count(8, indicator="completed", group=(1, 2), n_public=9), "en")
    '7–9 of 9, 78–100%'
    """
    if not figure.display:
        return text(f"published.status.{figure.status}", language)
    form = _FORM.fullmatch(figure.display)
    if not form:
        raise DisclosureError("figure_not_sound", indicator=figure.indicator)
    sign, low, high, share, of = form.group("sign", "low", "high", "share", "of")
    if of:
        return _people(int(low), int(high or low), int(of), language)
    words = [percent(float(end) / 100, language) if share else number(float(end), language, 2) for end in (low, high) if end]
    if high:
        return text("published.between", language, low=words[0], high=words[1])
    return text(_SIGNS[sign], language, value=words[0]) if sign else words[0]


def _people(low: int, high: int, of: int, language: str) -> str:
    shares = [percent(end / of, language) for end in (low, high)]
    if low == high:
        return f"{text('published.count', language, k=low, of=of)}, {shares[0]}"
    first = re.sub(r"\D", "", shares[0])
    return f"{text('published.count', language, k=f'{low}–{high}', of=of)}, {first}–{shares[1]}"


def reason_text(figure: CodedFigure, language: str) -> str:
    """Return why a figure is shown as a range or not at all, or nothing where it is shown as it is."""
    return text(figure.reason, language) if figure.reason else ""
