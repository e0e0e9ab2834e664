"""Direct identifiers that must never be in evaluation data, in whatever way they are spelled.

The Finnish identity code is `ddmmyy`, a century sign, three digits and a check character; since
1.1.2023 the signs Y, X, W, V, U (1900s) and B, C, D, E, F (2000s) are in use beside -, A and +
(Population Information Act 661/2009; Government Decree 690/2022). Temporary codes have 900–999.
As it is ordinarily written, its check character is not tested: a mistyped code names a person as well.
In any other spelling it is, so that ordinary numbers are not taken for a code. Codes of other countries are known by
the word before them; the Swedish one also by its sign and check digit.

Names of people are known by a list of the pilot's own: hashes of their words, keyed by a secret beside them.
"""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

from ikut_eval.contract.atomic import write_text
from ikut_eval.contract.errors import DataError
from ikut_eval.contract.locale import CATALOGUES, shipped

_DAY, _MONTH, _YEAR = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])", r"(?:19|20)\d\d"
_SIGN, _CHECK = "[-+A-FU-Y]", "[0-9A-FHJ-NPR-Y]"
_TIME = r"(?:[01]\d|2[0-4])[0-5]\d"
_GAP = r"[\W_]{0,3}"
_APART = rf"(?P<apart>{_GAP}{_SIGN}?{_GAP})"
_IDENTITY = re.compile(
    rf"(?<!\d){_DAY}{_MONTH}\d\d ?{_SIGN} ?\d{{3}}{_CHECK}(?![0-9A-Z])|(?<![0-9A-Z]){_DAY}{_MONTH}\d\d ?\d{{3}}[A-FHJ-NPR-Y](?![0-9A-Z])", re.I
)
_SPELLED = tuple(
    re.compile(rf"(?<!\d)(?<!\d[-./:]){_GAP.join(day)}{_APART}\d{_GAP}\d{_GAP}\d{_GAP}{_CHECK}(?:(?<=\d[A-Y])|(?![-./:]?\d))", re.I)
    for day in (("[0-3]", r"\d", "[01]", r"\d", r"\d", r"\d"), (_DAY, _MONTH, _YEAR), (_YEAR, _MONTH, _DAY), (r"\d\d", _MONTH, _DAY))
)
_CODE_WORDS = r"hetu\w{0,3}|henkilötunnu\w{1,4}|henkilökoodi|personbeteckning|personnummer|isikukood|asmens kodas|personas kods|estonian id"
_CODE_WORDS += r"|(?:social security|national identity|personal identity) (?:number|code)"
_PART_OF_CODE = re.compile(
    rf"(?<![^\W_])(?:{_CODE_WORDS})(?: ?\([^)\d]{{1,20}}\))?[\W_]{{0,4}}(?!(?:19|20)\d\d[ -](?:19|20)\d\d|20[1-3]\d-?\d\d-?\d\d(?!\d))\d(?:[ -]?\d){{5}}"
    rf"|(?:(?:hetu\w{{0,3}}|\d{{6}}) loppu\w{{0,3}}|loppuosa|tunnusosa)[\W_]{{1,3}}(?:on )?\d{{3}}{_CHECK}(?![0-9A-Z])"
    rf"|(?<!\d){_DAY}{_MONTH}(?:\d\d ?{_SIGN} ?[x*#?]{{2,4}}{_CHECK}?|(?!1[5-9]|[23]\d)\d\d ?- ?\d{{3}})(?![0-9A-Z/.:,-])",
    re.I,
)
"""The word before a code, a part of one with the word before it, or a day of birth with a part that is left out."""
_SWEDISH = re.compile(r"(?<!\d)(?:19\d\d|200\d|201[0-4]|(?!1[5-9]|[23]\d)\d\d)\d{4} ?[-+] ?\d{4}(?![\d-])")
_AT_WORDS = "at|ät|miuku|miukumauku|snabel-?a|kissanhäntä|arroba|собака"
_AROUND = "[_*|\"'~#/=-]"
_AT = rf"(?:@|&#64;|&#x40;|&commat;|%40|[(\[{{<«] ?(?:@|a|{_AT_WORDS}) ?[)\]}}>»]|{_AROUND}(?:{_AT_WORDS}){_AROUND}| ?\b(?!at\b)(?:{_AT_WORDS}) )"
_DOT = r"(?:\.|[(\[{<] ?(?:\.|dot|piste|punkt) ?[)\]}>]| (?:dot|piste|punkt) )"
_MAIL = "gmail|googlemail|hotmail|outlook|yahoo|icloud|live|luukku|suomi24|proton|protonmail|kolumbus|welho|saunalahti|mail|yandex|inbox|gmx"
"""Where many people have their mail: an address there is known by these words alone."""
_PROVIDERS = "gmail|googlemail|hotmail|yahoo|icloud|protonmail|suomi24|luukku"
_TWO_NAMES = "(?<![^\\W_])[^\\W\\d_]{2,30}[._][^\\W\\d_]{2,30}"
_DOMAIN = r"[^\s@,;.(\[{<]{1,60}"
_EMAIL = re.compile(
    rf"[^\s@,;] ?{_AT} ?{_DOMAIN} ?{_DOT} ?[a-zåäö]|(?<=[\w.+-])@[a-z][\w-]{{2}}|[._\d]\w{{1,40}} at {_DOMAIN}{_DOT}[a-z]{{2}}"
    rf"|\w at {_DOMAIN}(?!\.){_DOT}[a-z]{{2}}|\w(?<!\bin)(?<!\bup) ?(?:at|ät) ?(?:{_MAIL}){_DOT}[a-z]{{2}}"
    rf"|(?-i:[a-zåäö\d] AT {_DOMAIN}{_DOT}[A-Za-z]{{2}})|\w[(\[{{<](?:{_AT_WORDS})[)\]}}>]\w|{_TWO_NAMES}(?:@| at (?<=[^\W\d_]{{4}} at )[^\W\d_]{{4}})"
    rf"|\b(?!(?:www|mail|m|accounts)\.)\w[\w.+-]{{0,40}}(?:{_PROVIDERS})\.(?:com|fi|net|me)|\w (?:{_PROVIDERS}) (?:com|fi)\b"
    rf"|{_TWO_NAMES} (?:{_PROVIDERS})\.(?:com|fi|net|me)|\w[€^\"#§][a-z][\w-]{{1,40}}\.(?:fi|se|com|net|org|eu|ee|ru)(?![\w])",
    re.I,
)
_IBANS = (
    re.compile(r"(?<![0-9A-Z])(?=([A-Z]{2}\d{2}(?:[ .-]?[0-9A-Z]){11,30}(?![0-9A-Z])))", re.I | re.A),
    re.compile(r"(FI ?\d{2}(?:[ .-]?\d){14})(?!\d)", re.I),
)

_NUMBERED = "dnro|dno|dnr|diaarinro|diaarinumero|diarienummer|asianro|asianumero|ärendenummer|asiakasnro|asiakasnumero|kundnummer|uma|mig"
_REGISTERS = f"{_NUMBERED}|voo|migri|maahanmuuttovirasto|migrationsverket|case|oik|avi|diaari"
"""Marks of registers that stand before a case number in either case."""
_MATTERS = (
    "asia|tapaus|juttu|case|asiakas|client|ärende|kund|migrationsverket|migri|maahanmuuttovirasto|päätös|beslut|hakemus|ansökan|valitus|(?:rikos)?ilmoitus"
)
_NUMBER_WORDS = r"(?:no|nro|nr|n:o|numero|number|nummer)\.?"
_NO_DAY = rf"(?!{_YEAR}{_MONTH}{_DAY}(?!\d)|{_DAY}{_MONTH}(?:19|20)?\d\d(?!\d))"
"""After them a number of many digits is a case, where it is not a day."""
_CITED = re.compile(
    r"(he|rp|ev|rsv|rsk|kk|ss|la|lm|tpa|vns|vnt|srr|ptk|eu|ey|eg|ec|ety|iso|no|nro|nr|vko|viikko|vecka|week|wk|[a-z]{1,3}v[mlk]|[a-z]{2}u|sops|fördrs|ffs|sfs|c?ets|[a-z]{0,3}kl|s?hl|rl|tsl|hol|(?:osto)?lasku|faktura|tilaus|tosite|viite|kuitti|(?:kurssi)?koodi|kurssi|invoice|course|code)",
    re.I,
)
"""Marks that stand before the number and year of a law, a standard, a week, a bill or a course."""
_START, _NO_YEAR = r"(?<![^\W_])", r"(?!(?:19|20)\d\d(?!\d))"
_CASE_NUMBERS = (
    re.compile(rf"{_START}\d{{4}} ?/ ?[A-Z]{{1,2}} ?/ ?\d{{1,7}} ?/ ?\d{{2,4}}(?!\d)", re.I),
    re.compile(rf"{_START}(?:\d{{4}}[-_ ]?[RS][-_ ]?\d{{3,7}}[-_/ ]\d\d|\d{{4}}R\d{{5,9}})(?!\d)", re.I),
    re.compile(rf"{_START}([A-Z]{{1,10}})(?:/[\d.]{{1,7}}){{1,3}}/(?:(?:19|20)\d\d|\d\d)(?![\d/])", re.I),
    re.compile(rf"{_START}[A-Z]{{1,10}} (?!\d{{1,2}}/(?:0?\d|[12]\d|3[01])/)\d{{1,7}}/\d{{1,4}}/(?:(?:19|20)\d\d|\d\d)(?![\d/])"),
    re.compile(rf"{_START}[RLD]-\d{{3,7}}(?:-\d{{1,4}})?-(?:19|20)?\d\d(?![\d-])", re.I),
    re.compile(rf"{_START}([A-Z]{{2,10}})[-_/ ](?:19|20)\d\d[-_/ ]{_NO_YEAR}\d{{3,7}}(?!\d)", re.I),
    re.compile(rf"{_START}(?:[RLD] ?\d\d/{_NO_YEAR}\d{{1,7}}|[A-Z]{{1,2}} ?\d\d/{_NO_YEAR}\d{{4,7}})(?![\d/])"),
    re.compile(rf"{_START}(?:[rld][ :-]?\d\d/{_NO_YEAR}\d{{3,7}}|[A-Z]/\d\d/\d{{3,7}})(?![\d/])", re.I),
    re.compile(rf"{_START}(?:{_REGISTERS})[ .:-]{{0,3}}(?:no\.? ?|n:o ?)?\d{{1,7}}[-/]\d{{2,7}}", re.I),
    re.compile(rf"{_START}(?:{_NUMBERED})[ .:-]{{0,3}}[A-Z]{{0,6}}[-/ ]?\d{{3,}}", re.I),
    re.compile(r"(?<![\d/])(?!(?:19|20)\d\d/)\d{4,5}/\d{1,2}/\d{2,4}(?![\d/])"),
    re.compile(rf"{_START}([A-ZÅÄÖ]{{2,10}}) ?{_NO_YEAR}\d{{3,7}}/(?:19|20)\d\d(?!\d)"),
    re.compile(rf"{_START}(?:{_MATTERS})(?: {_NUMBER_WORDS})?[ .:-]{{1,3}}{_NO_DAY}\d{{5,}}(?!\d| ?(?:e|h|kpl)\b| ?€)", re.I),
    re.compile(rf"{_START}(?:{_MATTERS}){_NUMBER_WORDS}[ :-]{{0,3}}{_NO_YEAR}{_NO_DAY}\d{{4,}}", re.I),
    re.compile(rf"{_START}(?:(?:[A-ZÅÄÖ][a-zåäö]{{1,4}}(?:HAO|HO|KäO|KO)|H?HAO) (?:\d\d/\d{{3,7}}|\d{{2,7}}/(?:19|20)\d\d)|[RLD]-\d\d-\d{{4,7}})(?![\d/-])"),
    re.compile(rf"{_START}(?!(?:19|20)\d\d)\d{{4}}/[RS]/\d{{3,7}}(?!\d)|\A(?:\d{{5,7}}/(?:19|20)\d\d|(?:19|20)\d\d/\d{{5,7}})\Z", re.I),
)
_CARDS = "passi\\w{0,2}?|pass(?:port)?|(?:henkilö|id[ -]?|ajo)kort\\w{1,4}|körkort|id(?:entity)? card|oleskelulupa\\w{0,10}|uppehållstillstånd\\w{0,6}"
_CARDS += "|residence permit|matkustusasiakirja|resedokument|travel document"
_DOCUMENT = re.compile(rf"{_START}(?:{_CARDS})(?: ?{_NUMBER_WORDS}|(?![^\W_]))[ .:]{{0,3}}{_NO_DAY}(?:[A-Z]{{1,3}} ?\d{{5,9}}|\d{{7,9}})[A-Z]?(?!\w)", re.I)

_NUMBERS = re.compile(
    r"(?:(?<![^\W_])|(?<=puh)|(?<=tel)|(?<=gsm)|(?<=nro)|(?<=tlf)|(?<=mob)|(?=0[45]\d{8}(?!\d)))(?<!\d[./])[+(]?\d(?:[ ()./:|*·_-]{0,4}\d){6,24}(?!\d)", re.I
)
_MOBILE = re.compile(r"(?<!\d)0(?:4\d|50)\d?[\W_x]{1,6}\d{3}[\W_x]{0,6}\d{3,4}(?!\d)")
"""A mobile number in its ordinary groups, whatever stands between them."""
_CALLED = re.compile(
    r"(?<![^\W_])(?:puh(?:elin)?|puh(?:elin)?(?:nro|numero)|tel|telefon|telephone|tlf|gsm|mob|mobil|mobile|phone|kännykkä|whatsapp|viber|signal|telegram"
    rf"|soita|ring|call|p(?=[.:]))[.:]{{0,2}} ?{_NO_DAY}(?!(?:19|20)\d\d[ -](?:19|20)?\d\d(?!\d))((?:8 )?\d{{2,12}}(?:[ -]?\d\d{{1,4}}){{0,4}})(?![\d,./:]*\d)",
    re.I,
)
"""Digits after a word for a phone or a call, which also name a person in another country or without the area code."""
_NOT_CALLED = re.compile(
    r"\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d)?(?!\d)|\d{4}-\d\d-\d\d(?:[T ][\d:.]+)?|(?<![\d.:])(?:[01]?\d|2[0-3])[.:][0-5]\d(?!\d|[.:]\d)|(?<![\d.])0\.\d+(?![\d.])"
)
"""Days, times and shares."""
_NO_NUMBER = re.compile(
    rf"(?:(?:[0-2]\d|3[01])[^\d+]+){{3,}}(?:[0-2]\d|3[01])|(?:\d\d[^\d+]+){{5,}}\d\d|{_DAY}{_MONTH}\d\d[^\d+]+{_TIME}"
    rf"|{_TIME} ?- ?{_TIME}|(?:\d[^\d+]+){{3,8}}\d|(?:[0-5][^\d+]+){{9,}}[0-5]"
)
"""Days or answers in pairs of digits, a day with a time, times from and to, and answers in a row."""
_WITHOUT_ZERO = re.compile(r"(?:358)?[45]\d{7,8}|[45]\d[ -]\d{3}[ -]?\d{4}")

_FEWEST_DIGITS, _WHOLE_YEAR, _FEWEST_CALLED = 2, 8, 6
_OF_MEETINGS = range(15, 40)
"""Years of this century in which trainings are held: without a sign, such a day and three digits are no code."""
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad\u02d7\u2796\ufe58\ufe63\uff0d"), "-")
_LOOK_ALIKE = str.maketrans("АВСЕНКМОРТХУ", "ABCEHKMOPTXY")
_SMALL_LOOK_ALIKE = re.compile(r"(?<=\d)[авсенкмортху](?![^\W_])")
_MISREAD = re.compile(r"(?<=\d)[OIl]{1,2}(?=\d)|(?<![^\W_])O(?=\d[\dO])|(?<=\d)O(?![^\W_])|(?<![^\W_])[lI](?=\d{5})", re.I)
_DASH_WORDS = re.compile(
    r"(?<=\d) ?(?:miinus|minus|(?:väli|ajatus|yhdys)?viiva|yhdysmerkki|(?:binde|tank)?streck|dash|hyphen|piste|pilkku|punkt|komma) ?(?=\d)", re.I
)
_SITES = "facebook|fb|instagram|tiktok|twitter|x|vk|threads|snapchat|youtube|linkedin|telegram|onlyfans"
_PROFILE = re.compile(
    rf"(?<![\w.-])(?:[a-z]{{1,6}}(?:-[a-z]{{2}})?\.)?(?:(?:{_SITES}) ?{_DOT} ?(?:com|net|me|ru)|(?:t|wa|m)\.me|ok\.ru) ?/ ?"
    r"(?!(?:groups|events|pages|watch|hashtag|sharer|share|search|home|explore|p|reel|login|help|company|jobs|learning|policies|business|about|legal|joinchat)(?![\w.]))"
    r"[@\w]|(?:viber|skype|tg|whatsapp)://\w|skype: ?live:\w|(?<![\w@.+%&;=\[/-])@[^\W\d](?![\w.]*\()[\w.]{2}"
    r"|(?<![^\W_])(?:instagram|insta|ig|snapchat|snap|telegram|tg|facebook|fb|tiktok|twitter|skype|discord|messenger)[ :=]{1,3}"
    r"[^\W\d_]{2,30}(?:_[^\W_]|\.[^\W\d_]{4})",
    re.I,
)
"""A page of a person, or the name that they use there; groups, events and companies are none."""
_WORTH_A_LOOK = re.compile(
    rf"[@&%]|(?:[\do]\D*){{3}}|[(\[{{<«] ?\w|(?:{_AT_WORDS})[\W_]|(?:at|ät)(?:{_MAIL})|{_PROVIDERS}|\w[€^\"#§]\w|/ ?\w|:/|[^\W\d_][._][^\W_]|skype", re.I
)


@dataclass(frozen=True, repr=False)
class Names:
    """A pilot's own names as keyed hashes: whether a text holds one can be asked, but not which they are."""

    key: bytes = b""
    hashes: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """A hash that changes with the list."""
        return _hash("".join(sorted(self.hashes)), self.key)

    def stand_in(self, content: str) -> bool:
        """Return whether a text holds a word of a name, alone or with an ending, or a whole name."""
        return bool(self.hashes) and any(_hash(word, self.key) in self.hashes for word in _looked_for(content))


NO_NAMES = Names()


def kind_of_identifier(content: str, names: Names = NO_NAMES) -> str | None:
    """Return which identifier a text holds, or None.

    Returns
    -------
    str or None
        "identity_code", "email", "iban", "case_number", "phone", "document", "profile", or "name" for one of `names`.
    """
    return _kind_by_spelling(content) or ("name" if names.stand_in(content) else None)


def _kind_by_spelling(content: str) -> str | None:
    if content.isascii() and not _WORTH_A_LOOK.search(content):
        return None
    plain = _plain(content)
    if not _WORTH_A_LOOK.search(plain):
        return None
    return next((kind for kind, holds in _KINDS.items() if holds(plain)), None)


def _plain(content: str) -> str:
    """Return a text with ordinary digits, letters, hyphens and single spaces, without signs that nobody sees."""
    if not content.isascii():
        letters = unicodedata.normalize("NFKC", content.translate(_DASHES)).translate(_DASHES).translate(_LOOK_ALIKE)
        seen = (letter for letter in letters if unicodedata.category(letter) != "Cf")
        content = "".join(str(unicodedata.decimal(letter, letter)) for letter in seen)
        content = _SMALL_LOOK_ALIKE.sub(lambda letter: letter[0].upper().translate(_LOOK_ALIKE), content)
    digits = _MISREAD.sub(lambda letters: re.sub("[^0]", "1", re.sub("[Oo]", "0", letters[0])), " ".join(content.split()))
    return _DASH_WORDS.sub("-", digits)


def _has_identity_code(content: str) -> bool:
    from stdnum.se import personnummer

    if _IDENTITY.search(content) or _PART_OF_CODE.search(content):
        return True
    if any(personnummer.is_valid(found[0].replace(" ", "")) for found in _SWEDISH.finditer(content)):
        return True
    return any(_is_code(found) for pattern in _SPELLED for found in pattern.finditer(content))


def _is_code(found: re.Match[str]) -> bool:
    """Return whether a spelling of a code has the right check character, and a sign or a letter that tells it from a number."""
    from stdnum.fi import hetu

    sign, check = re.search(_SIGN, found["apart"], re.I), found[0][-1]
    together = found[0].isdigit() and found.string[max(0, found.start() - 1) : found.end() + 1].strip() == found[0]
    word_goes_on = check.isalpha() and not found[0][-2].isdigit() and found.string[found.end() : found.end() + 1].isalpha()
    if word_goes_on or not (sign or check.isalpha() or (together and len(set(found[0])) > _FEWEST_DIGITS)):
        return False
    *born, second, third, fourth = (letter for letter in found[0][:-1] if letter.isdigit())
    day = "".join(born)
    read = [day[:4] + day[6:], day[6:] + day[4:6] + day[2:4]] if len(day) == _WHOLE_YEAR else [day]
    days = [each for each in read if sign or int(each[4:]) not in _OF_MEETINGS]
    if len(day) < _WHOLE_YEAR and check.isalpha() and int(day[:2]) not in _OF_MEETINGS:
        days.append(day[4:] + day[2:4] + day[:2])
    return any(hetu.is_valid(f"{each}{century}{second}{third}{fourth}{check}".upper(), allow_temporary=True) for each in days for century in "-A")


def _has_iban(content: str) -> bool:
    """Return whether the text, or what is left of it without its last words, is an account number with its check digits."""
    from stdnum import iban

    for words in (found[1].split() for pattern in _IBANS for found in pattern.finditer(content)):
        if any(iban.is_valid("".join(words[:number])) for number in range(len(words), 0, -1)):
            return True
    return False


def _has_case_number(content: str) -> bool:
    found = (each for pattern in _CASE_NUMBERS for each in pattern.finditer(content))
    return any(not _CITED.fullmatch("".join(each.groups())) for each in found)


def _has_phone(content: str) -> bool:
    if _WITHOUT_ZERO.fullmatch(content):
        return True
    if any(_is_phone(re.sub(r"\D", "", found[0])) for found in _MOBILE.finditer(content)):
        return True
    numbers = _NOT_CALLED.sub(" ; ", content)
    after_words = (found[1] for found in _CALLED.finditer(numbers))
    if any(sum(map(str.isdigit, digits)) >= _FEWEST_CALLED and not _NO_NUMBER.fullmatch(digits) for digits in after_words):
        return True
    runs = (found[0] for found in _NUMBERS.finditer(numbers))
    return any(_is_phone(written.strip()) for run in runs for written in {run, *re.split(r"[/|]", run)})


def _is_phone(written: str) -> bool:
    """Return whether digits are a number at which a person is called: in Finland, a mobile in Sweden, or with another country's code."""
    from phonenumbers import NumberParseException, PhoneNumberType, is_valid_number, number_type, parse

    if _NO_NUMBER.fullmatch(written) or not written.startswith(("0", "+", "(", "358")):
        return False
    try:
        region = None if written.startswith("358") else "SE" if written.startswith("07") else "FI"
        number = parse(re.sub(r"[^\d+]", "", written), region)
    except NumberParseException:
        return written.startswith("358") and _is_phone(f"+{written}")
    personal = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP, PhoneNumberType.PERSONAL_NUMBER)
    return is_valid_number(number) and number_type(number) in personal


_KINDS: dict[str, Callable[[str], bool]] = {
    "identity_code": _has_identity_code,
    "email": lambda content: _EMAIL.search(content) is not None,
    "iban": _has_iban,
    "case_number": _has_case_number,
    "phone": _has_phone,
    "document": lambda content: _DOCUMENT.search(content) is not None,
    "profile": lambda content: _PROFILE.search(content) is not None,
}


NAMES, NAMES_KEY = "names.txt", "names.key"
"""The list of names and its key, in the folder where the data is."""
_SHORTEST_ALONE, _MOST_WORDS, _KEY_BYTES = 3, 4, 32
_WORD = re.compile(r"[^\W\d_]+")
_ONE_BY_ONE = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .-]{1,2}){2,}[^\W\d_](?![^\W_])")
"""Letters of a name with something between each two."""
_ENDING = re.compile(
    r"(?:n|in|en|an|on|un|aan|een|iin|oon|uun|a|ta|na|i?ssa|i?sta|i?lla|i?lta|i?lle|i?tta|ksi|t|ien|ia|ita|e?s)?(?:ni|si|nsa|mme|nne)?(?:kin|kaan|ko|han|pa)?"
)
"""Endings of case in Finnish (as they are without dots), Swedish and English."""
_WEAKER = {"kk": "k", "pp": "p", "tt": "t", "nk": "ng", "nt": "nn", "mp": "mm", "lt": "ll", "rt": "rr", "ht": "hd"}
_STEMS = (
    (re.compile(r"nen$"), ("s", "se")),
    (re.compile(r"([aeiouy])s$"), (r"\1kse", r"\1")),
    *((re.compile(rf"{strong}(?=[aeiouy]$)"), (weak,)) for strong, weak in _WEAKER.items()),
)
"""What becomes of a Finnish name before an ending: Virtanen, Virtasen; Markus, Markuksen; Pekka, Pekan."""
_ONE_LETTER = str.maketrans("łđøı", "ldoi")


def names_beside(data: Path) -> Names:
    """Return the names that are listed in the folder where data is; none where there is no list.

    Raises DataError if the list or its key is missing or not whole: what cannot be looked for must not pass.
    """
    if not any((data.parent / name).exists() for name in (NAMES, NAMES_KEY)):
        return NO_NAMES
    if not all((data.parent / name).is_file() for name in (NAMES, NAMES_KEY)):
        raise DataError("names_not_whole", file=NAMES, key=NAMES_KEY)
    try:
        hashes = frozenset((data.parent / NAMES).read_text(encoding="ascii").split())
        key = bytes.fromhex((data.parent / NAMES_KEY).read_text(encoding="ascii"))
    except (OSError, ValueError) as problem:
        raise DataError("names_not_whole", file=NAMES, key=NAMES_KEY) from problem
    if len(key) != _KEY_BYTES or not hashes or not all(re.fullmatch(r"[0-9a-f]{64}", each) for each in hashes):
        raise DataError("names_not_whole", file=NAMES, key=NAMES_KEY)
    return Names(key, hashes)


def list_names(data: Path, names: Iterable[str]) -> tuple[int, int]:
    """Add names to the list in the folder where data is; return how many, and how many of them are found only as a whole.

    A word of a name that the workbook itself uses (in Finnish, *anna*) is found only beside the rest of the name.
    Raises DataError as `names_beside`; NotAllowedError or MachineError if the list cannot be written.
    """
    known = names_beside(data)
    key = known.key or secrets.token_bytes(_KEY_BYTES)
    hashes, number, as_whole = set(known.hashes), 0, 0
    for words in filter(None, map(_words, names)):
        own = [word for word in words if len(word) < _SHORTEST_ALONE or not _own_words().isdisjoint(_stems(word))]
        turned = ["".join(words[n:] + words[:n]) for n in range(len(words))]
        hashes |= {_hash(stem, key) for word in words if word not in own for stem in _stems(word)}
        hashes |= {_hash(stem, key) for whole in turned if len(words) > 1 for stem in _stems(whole)}
        number, as_whole = number + 1, as_whole + bool(own)
    if number:
        write_text(data.parent / NAMES_KEY, key.hex())
        write_text(data.parent / NAMES, "\n".join(sorted(hashes)) + "\n")
    return number, as_whole


def _hash(word: str, key: bytes) -> str:
    return hmac.digest(key, word.encode(), "sha256").hex()


def _words(content: str) -> list[str]:
    """Return the words of a text in small letters without accents."""
    letters = unicodedata.normalize("NFKD", content).casefold().translate(_ONE_LETTER)
    return _WORD.findall("".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf")))


def _looked_for(content: str) -> Iterator[str]:
    """Give every word of a text with and without an ending, several words together, and letters that stand one by one."""
    words = _words(content)
    for place, word in enumerate(words):
        yield from _without_ending(word)
        for together in list(accumulate(words[place : place + _MOST_WORDS]))[1:]:
            yield from _without_ending(together)
    for spaced in _ONE_BY_ONE.findall(unicodedata.normalize("NFKC", content)):
        yield from _without_ending("".join(_words(spaced)))


def _without_ending(word: str) -> Iterator[str]:
    for length in range(_SHORTEST_ALONE, len(word) + 1):
        if _ENDING.fullmatch(word, length):
            yield word[:length]


def _stems(word: str) -> set[str]:
    """Return a word of a name with the forms that it takes before an ending."""
    return {word, *(pattern.sub(form, word) for pattern, forms in _STEMS for form in forms)}


@cache
def _own_words() -> frozenset[str]:
    """Return the words of the program's own texts, with and without an ending."""
    files = [*CATALOGUES.glob("*.po"), *shipped("data_schema").rglob("*.json"), *shipped("data_schema").glob("*.toml")]
    words = {word for file in files for word in _words(file.read_text(encoding="utf-8"))}
    return frozenset(stem for word in words for stem in _without_ending(word))


def rows_with_identifiers(rows: Iterable[int], contents: Iterable[object], names: Names) -> dict[str, list[int]]:
    """Return for each kind of identifier the rows that hold one. Each distinct text is read once."""
    rows_of: dict[str, list[int]] = {}
    for row, content in zip(rows, contents, strict=True):
        if isinstance(content, str):
            rows_of.setdefault(content, []).append(row)
    found: dict[str, list[int]] = {}
    for content, places in rows_of.items():
        if kind := kind_of_identifier(content, names):
            found.setdefault(kind, []).extend(places)
    return {kind: sorted(places) for kind, places in found.items()}
