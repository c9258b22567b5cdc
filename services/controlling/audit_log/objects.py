"""What an entry is about, in the reader's words, and where it can be looked at. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Kind:
    """Things of one kind.

    Attributes:
        key: Its name is `audit.object.<key>` in the catalogues.
        pattern: How the log writes them; what follows tells which one.
        page: The route of the page that shows one; None: there is none.
        address: Of that page.
    """

    key: str
    pattern: re.Pattern[str]
    page: str | None = None
    address: str = ""


KINDS = (
    Kind("review", re.compile(r"review:(.+)"), "/reviews/{review_id}", "/reviews/{}"),
    Kind("finding", re.compile(r"finding[-:](\d+)"), "/findings/{number}", "/findings/{}"),
    Kind("measure", re.compile(r"measure[-:](\d+)"), "/measures/{number}", "/measures/{}"),
    Kind("guidance", re.compile(r"guidance:(.+)"), "/guidance/{key}", "/guidance/{}"),
    Kind("account", re.compile(r"account:(.+)")),
    Kind("results", re.compile(r"results:(.+)"), "/results", "/results?period={}"),
    Kind("period", re.compile(r"reviews:(.+)")),
    Kind("register", re.compile(r"register:(.+)")),
    Kind("decision", re.compile(r"decision[-:](.+)")),
    Kind("events", re.compile(r"events:(.+)")),
    Kind("messages", re.compile(r"messages:(.+)")),
    Kind("dead-letter", re.compile(r"dead-letter:(.+)")),
    Kind("held-item", re.compile(r"held-item:(.+)")),
)
LISTS = {
    "reviews": "/reviews",
    "signed-reviews": "/reviews/signed",
    "board": "/board",
    "findings": "/findings",
    "appeals": "/appeals",
    "measures": "/measures",
    "guidance": "/guidance",
    "today": "/today",
    "process": "/process",
    "clocks": "/clocks",
    "accounts": "/accounts",
    "audit": "/audit",
}
"""Lists that were taken as a table, by what the log calls them, with their pages."""
ELSEWHERE = frozenset({"message-statistics"})
"""Likewise, of another process: the log leads there nowhere."""
_SIGN_IN = "sign-in"


@dataclass(frozen=True, slots=True)
class Thing:
    """What an entry is about.

    Attributes:
        name: In words, with what tells which one.
        address: Where the reader may look at it; None: nowhere.
    """

    name: str
    address: str | None = None


def thing(text: str, say: Callable[[str], str], opens: Callable[[str], bool]) -> Thing:
    """Name what an entry is about; what nobody has words for, as it is.

    Args:
        text: As the log writes it.
        say: What the catalogues say for a key.
        opens: Whether the reader may open the page of a route.
    """
    if text == _SIGN_IN:
        return Thing(say("audit.object.sign_in"))
    if text in LISTS or text in ELSEWHERE:
        name = f"{say('audit.object.list')}: {say(f'audit.object.list.{text}')}"
        page = LISTS.get(text)
        return Thing(name, page if page and opens(page) else None)
    for kind in KINDS:
        if found := kind.pattern.fullmatch(text):
            shown = kind.page is not None and opens(kind.page)
            name = f"{say(f'audit.object.{kind.key}')} {found[1]}"
            return Thing(name, kind.address.format(quote(found[1], safe="")) if shown else None)
    return Thing(text)


def sought(text: str, say: Callable[[str], str]) -> list[str]:
    """Give what the log may call what somebody reads: `Befund 7` is `finding-7`."""
    written = [text]
    for kind in KINDS:
        name, _, which = text.partition(" ")
        if which and name.casefold() == say(f"audit.object.{kind.key}").casefold():
            written += [f"{kind.key}{sign}{which.strip()}" for sign in ":-"]
    return written
