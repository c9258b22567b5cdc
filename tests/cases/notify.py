"""The cases that peers test their own notification services with, held against ours.

Where we decide against a case, the rule that says so stands here with its reason, so that a longer
file of the same form is judged by the same rules.
"""

import re
from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from services.notify.channels.sms.alphabet import as_sms, outside_gsm_7
from services.notify.messages.rendering import in_one_line, locale_of
from services.notify.plain_language.measures import Counts, Measures
from services.notify.template.filling import chosen, fill, says_yes
from services.notify.template.hostile import without_links
from services.notify.template.markup import as_edited, escaped, linked
from services.notify.template.passages import Passage, key, names, parse
from services.notify.template.whitespace import one_line
from shared.contacts.contact import EmailAddress
from tests.cases import delivery, events, recipients
from tests.cases.case import Case, DecidedAgainst

NEVER_REPLACED = (
    "a letter outside of GSM-7 is kept and the text sent as UCS-2: names, Cyrillic, Arabic"
)
COUNTED_WHEN_FILLED = "parts are counted for a filled text, not for a template"
UNITS_COUNT = "an SMS holds UTF-16 units; beyond the basic plane a character takes two"
NO_ZIX = "ZIX needs a spaCy model and a pickled regression; it is a reference, not a part of ours"
NEVER_REPAIRED = "an address is never repaired: intake refuses it, and its sender mends it"
ONLY_ASCII = "a local part is ASCII: mail servers without SMTPUTF8 would refuse it later"
ONLY_AN_ADDRESS = "an address alone: no display name, no quoted local part"
IDNA_OUTSIDE = (
    "a domain is given in its ASCII form (xn--): whoever hands a contact over converts it"
)
PUNYCODE_UNREAD = "Punycode is not decoded: the mail server refuses a domain that doesn't exist"

A_LINK_HAS_A_SCHEME = (
    "only a complete address is a link: in German a missing space behind a full stop looks like one"
)
TEXTS_ARE_CHECKED = "a text is checked when it is written, and not changed on its way"
WRITTEN_BY_CLDR = "a list is written as its language does it: no other conjunction, no end cut off"
NO_PREHEADER = (
    "a page begins with its text, which mail programs show; a hidden copy would be read aloud twice"
)
SIGNED_AT_THE_END = "who writes stands at the end of every text, not before it"
COUNTED_IN_PARTS = "an SMS is measured in the parts that are paid for, not in letters"
NO_ATTACHMENTS = "no message tells the size of a file"
A_LETTER_LEAVES_AT_ONCE = (
    "a letter may be stopped until it is in the print folder, at whatever hour; "
    "the printer has its own deadline"
)
BOUNCES_ARE_TOLD = (
    "an alert tells of a day with ten and 5 %, whatever the volume; there is no level"
)
READ_WHOLE = "a message that left is read again as it left or not at all: nothing is hidden in it"
WHOLE_ADDRESSES_GO = "an address with a scheme is taken out whole, also one without a dot"

BRITISH = locale_of("en")
_EMAIL_ADDRESS = TypeAdapter[str](EmailAddress)


def _characters(case: Case) -> bool:
    """What GOV.UK makes of single characters and whole texts; its ASCII form is not ours."""
    text = next(iter(case.input.values()))
    if "non_gsm_characters" in case.subject:
        return bool(outside_gsm_7(text) == set(case.expected["__set__"]))
    expected = case.expected["sms"] if isinstance(case.expected, dict) else case.expected
    if "encode_char" in case.subject:
        text, expected = f"a{text}b", f"a{expected}b"
    if outside_gsm_7(text) and expected != text:
        raise DecidedAgainst(NEVER_REPLACED)
    return bool(as_sms(text).text == expected)


def _parts(case: Case) -> bool:
    """How many parts; GOV.UK's second figure, the characters beyond a boundary, we don't tell."""
    text = next(iter(case.input.values()))
    expected = case.expected
    parts = expected["expected_sms_fragment_count"] if isinstance(expected, dict) else expected
    if as_sms(text).parts == parts:
        return True
    if "((" in text:
        raise DecidedAgainst(COUNTED_WHEN_FILLED)
    if any(ord(character) > 0xFFFF for character in text):
        raise DecidedAgainst(UNITS_COUNT)
    return False


def _wstf1(case: Case) -> bool:
    measured = Measures.of(Counts.of(case.input["text"])).wstf[0]
    return abs(measured - float(case.expected)) < 0.0006


def _zix(_: Case) -> bool:
    raise DecidedAgainst(NO_ZIX)


def _takes(address: str) -> bool:
    try:
        _EMAIL_ADDRESS.validate_python(address)
    except ValidationError:
        return False
    return True


def _good_address(case: Case) -> bool:
    address = next(iter(case.input.values()))
    if _takes(address):
        return True
    if address.startswith('"') or address.endswith(">"):
        raise DecidedAgainst(ONLY_AN_ADDRESS)
    if not address.isascii():
        local_part = address.rpartition("@")[0]
        raise DecidedAgainst(IDNA_OUTSIDE if local_part.isascii() else ONLY_ASCII)
    return False


def _bad_address(case: Case) -> bool:
    """Refused or not; the words of the refusal are each peer's own."""
    address = next(iter(case.input.values()))
    if not _takes(address):
        return True
    if "@xn--" in address:
        raise DecidedAgainst(PUNYCODE_UNREAD)
    return False


def _repaired_address(case: Case) -> bool:
    if _takes(case.input["email"]):
        return bool(case.input["email"] == case.expected)
    raise DecidedAgainst(NEVER_REPAIRED)


def _names(case: Case) -> bool:
    source = case.input.get("template_content") or f"(({case.input['body'].strip('()')}))"
    found = {key(name) for name in names(parse(source))}
    expected = case.expected
    return found == set(map(key, expected["__set__"] if isinstance(expected, dict) else [expected]))


def _filled(case: Case) -> bool:
    source = parse(escaped(case.input["template_content"]))
    values = {escaped(name): value for name, value in case.input["data"].items()}
    return bool(fill(source, values, lambda value: escaped(str(value))) == case.expected)


def _marked(case: Case) -> bool:
    given = case.input
    source = given.get("content") or given["template_content"]
    values = given.get("values") or given.get("data") or {}
    if "redact" in case.subject:
        raise DecidedAgainst(READ_WHOLE)
    if not isinstance(case.expected, dict):
        return bool(as_edited(source, values) == case.expected)
    ways: dict[str, Callable[[str], str]] = {
        "expected_escaped": escaped,
        "expected_passthrough": str,
    }
    return all(as_edited(source, values, ways[way]) == html for way, html in case.expected.items())


def _escaped(case: Case) -> bool:
    if "Field" in case.subject:
        return _marked(case)
    return bool(escaped(next(iter(case.input.values()))) == case.expected)


def _conditional(case: Case) -> bool:
    if case.subject == "str2bool":
        return says_yes(case.input["value"]) is case.expected
    (part,) = parse(f"(({case.input['body']}))")
    if "is_conditional" in case.subject:
        return isinstance(part, Passage) is case.expected
    value = case.input.get("value", "yes")
    return isinstance(part, Passage) and fill([part], {part.name: value}) == case.expected


def _empty(case: Case) -> bool:
    filled = fill(parse(case.input["content"]), case.input["values"])
    return (not filled.strip()) is case.expected


def _harmless(case: Case) -> bool:
    """Peers escape Markdown in values; ours are never read as Markdown and stay as they are."""
    value, expected = case.input["value"], case.expected["expected_sanitised"]
    if without_links(value) == re.sub(r"\\(.)", r"\1", expected, flags=re.DOTALL):
        return True
    if "://" in expected:
        raise DecidedAgainst(WHOLE_ADDRESSES_GO)
    return False


def _linked(case: Case) -> bool:
    content = next(iter(case.input.values()))
    if "<a " in case.expected and "://" not in content:
        raise DecidedAgainst(A_LINK_HAS_A_SCHEME)
    return bool(linked(content) == case.expected)


def _white_space(case: Case) -> bool:
    if "SMS" in case.subject:
        return bool(as_sms(case.input["content"]).text.strip() == case.expected)
    return bool(one_line(case.input["value"]) == case.expected)


def _typography(_: Case) -> bool:
    raise DecidedAgainst(TEXTS_ARE_CHECKED)


def _file_size(_: Case) -> bool:
    raise DecidedAgainst(NO_ATTACHMENTS)


def _list_value(case: Case) -> bool:
    """In a line, and as a list of Markdown; peers make the same of a value that is no text."""
    source = parse(case.input.get("template_content", "list: ((placeholder))"))
    values = {
        name: tuple(item for item in value if item is not None)
        for name, value in case.input["values"].items()
    }
    (inline,) = (in_one_line(value, BRITISH) for value in values.values())
    line = fill(source, values, lambda _: escaped(inline))
    items = fill(parse(chosen(source, values)), values, lambda value: escaped(str(value)))
    expected = case.expected
    return [line, items.rstrip()] == [expected["expected"], expected["expected_as_markdown"]]


def _list_in_a_line(case: Case) -> bool:
    changed = case.input["kwargs"]
    if changed.keys() - {"before_each", "after_each"}:
        raise DecidedAgainst(WRITTEN_BY_CLDR)
    before, after = changed.get("before_each", "\u2018"), changed.get("after_each", "\u2019")
    items = [f"{before}{item}{after}" for item in case.input["items"]]
    return bool(in_one_line(items, BRITISH) == case.expected)


def _preheader(_: Case) -> bool:
    raise DecidedAgainst(NO_PREHEADER)


def _prefix(case: Case) -> bool:
    if case.input["prefix"]:
        raise DecidedAgainst(SIGNED_AT_THE_END)
    return bool(as_sms(case.input["body"]).text == case.expected)


def _cancelled(_: Case) -> bool:
    raise DecidedAgainst(A_LETTER_LEAVES_AT_ONCE)


def _bounce_rate(_: Case) -> bool:
    raise DecidedAgainst(BOUNCES_ARE_TOLD)


def _length(_: Case) -> bool:
    raise DecidedAgainst(COUNTED_IN_PARTS)


CHECKS: dict[str, Callable[[Case], bool]] = {
    **recipients.CHECKS,
    **delivery.CHECKS,
    **events.CHECKS,
    "email.valid": _good_address,
    "email.invalid": _bad_address,
    "email.normalise": _repaired_address,
    "email.preheader": _preheader,
    "letter.cancel_window": _cancelled,
    "bounce.threshold": _bounce_rate,
    "sms.gsm7": _characters,
    "sms.fragments": _parts,
    "sms.prefix": _prefix,
    "template.placeholders": _names,
    "template.render": _filled,
    "template.length": _length,
    "template.lists": _list_value,
    "template.redact": _marked,
    "template.preview": _marked,
    "template.missing": _marked,
    "template.conditional": _conditional,
    "template.html_escape": _escaped,
    "template.empty": _empty,
    "template.sanitise": _harmless,
    "text.autolink": _linked,
    "text.whitespace": _white_space,
    "text.typography": _typography,
    "text.filesize": _file_size,
    "text.lists": _list_in_a_line,
    "plainlanguage.wstf1": _wstf1,
    "plainlanguage.zix_cefr": _zix,
}
