"""What is written as people are. What isn't, only a closed list keeps out."""

import itertools
import re

_PSEUDONYM = re.compile(r"(?:decider|reviewer)-", re.IGNORECASE)
_ADDRESS = re.compile(r"\S@\S")
_TITLE = re.compile(
    r"(?:herr|frau|hr|fr|mr|mrs|ms|dr|prof|amtsrat|amtsrätin|inspektor|inspektorin)\b\.?\s",
    re.IGNORECASE,
)
_SURNAME_FIRST = re.compile(r"[^\W\d_][\w'-]+,\s*[^\W\d_][\w'. -]*")

_WORDS = frozenset(
    [
        "agent",
        "clerk",
        "familienname",
        "handzeichen",
        "initials",
        "kuerzel",
        "kürzel",
        "name",
        "nachname",
        "person",
        "personal",
        "resource",
        "staff",
        "surname",
        "user",
        "username",
        "vorname",
    ]
)
_STEMS = (
    "beamt",
    "bearbeiter",
    "caseworker",
    "cosigner",
    "decider",
    "employee",
    "entscheider",
    "mitarbeiter",
    "officer",
    "pruefer",
    "prüfer",
    "reviewer",
    "sachbearbeit",
)


def looks_like_a_person(label: str) -> bool:
    """Tell whether a label is a decider's pseudonym, an address, or written as names are."""
    label = label.strip()
    forms = (_PSEUDONYM, _TITLE, _SURNAME_FIRST)
    return any(form.match(label) for form in forms) or _ADDRESS.search(label) is not None


def tells_persons_apart(column: str) -> bool:
    """Tell whether a column is named for the people that it holds."""
    words = re.sub(r"[\W_]+", "_", column.casefold()).strip("_").split("_")
    together = ["".join(pair) for pair in itertools.pairwise(words)]
    return words[-1] in _WORDS or any(word.startswith(_STEMS) for word in (*words, *together))
