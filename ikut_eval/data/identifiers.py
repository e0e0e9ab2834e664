"""Direct identifiers that must never be in evaluation data.

The Finnish identity code is `ddmmyy`, a century sign, three digits and a check character; since
1.1.2023 the signs Y, X, W, V, U (1900s) and B, C, D, E, F (2000s) are in use beside -, A and +
(Population Information Act 661/2009; Government Decree 690/2022). Temporary codes have 900–999.
The check character is not tested: a mistyped code names a person as well.
"""

import re
from collections.abc import Iterable

_PATTERNS = {
    "identity_code": re.compile(
        r"(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d\s?[-+\u2010-\u2015\u2212A-FU-Y]\s?\d{3}[0-9A-FHJ-NPR-Y](?![0-9A-Z])", re.I
    ),
    "email": re.compile(r"[^\s@,;]@[^\s@,;]+\.[a-z]{2,}", re.I),
    "iban": re.compile(r"(?<![0-9A-Z])(?=([A-Z]{2}\d{2}(?:\s?[0-9A-Z]){11,30}(?![0-9A-Z])))", re.I | re.A),
    "case_number": re.compile(r"(?<![0-9A-Z])(?:\d{4}/[A-Z]/\d{1,7}/\d{2,4}|[A-Z]{1,10}\s?\d{2}/\d{2,7}|[A-Z]{2,10}/\d{1,7}/\d{4})(?!\d)", re.I),
    "phone": re.compile(r"(?<![\w./-])(?:\+\d{1,3}|00\d{2,3}|\(?0)[\s-]?(?:\(0\))?\d{1,3}(?:\)?[\s-]?\d{2,4}){2,3}(?![\w/.-]\w)"),
    "phone_number": re.compile(r"^(?:358)?[45]\d{7,8}$"),
}
_SHORTEST_IBAN = 15
_WORTH_A_LOOK = re.compile(r"@|\d.*\d.*\d.*\d")


def _iban_is_real(found: str) -> bool:
    """Return whether the text, or what is left of it without its last words, has an IBAN's check digits."""
    words = found.upper().split()
    for number in range(len(words), 0, -1):
        compact = "".join(words[:number])
        moved = compact[4:] + compact[:4]
        if len(compact) >= _SHORTEST_IBAN and int("".join(str(int(c, 36)) for c in moved)) % 97 == 1:
            return True
    return False


def kind_of_identifier(content: str) -> str | None:
    """Return which identifier a text holds, or None.

    Returns
    -------
    str or None
        "identity_code", "email", "iban", "case_number" or "phone".
    """
    if not _WORTH_A_LOOK.search(content):
        return None
    for kind, pattern in _PATTERNS.items():
        found = any(_iban_is_real(each.group(1)) for each in pattern.finditer(content)) if kind == "iban" else pattern.search(content)
        if found:
            return kind.removesuffix("_number") if kind == "phone_number" else kind
    return None


def rows_with_identifiers(rows: Iterable[int], contents: Iterable[object]) -> dict[str, list[int]]:
    """Return for each kind of identifier the rows that hold one. Each distinct text is read once."""
    rows_of: dict[str, list[int]] = {}
    for row, content in zip(rows, contents, strict=True):
        if isinstance(content, str):
            rows_of.setdefault(content, []).append(row)
    found: dict[str, list[int]] = {}
    for content, places in rows_of.items():
        if kind := kind_of_identifier(content):
            found.setdefault(kind, []).extend(places)
    return {kind: sorted(places) for kind, places in found.items()}
