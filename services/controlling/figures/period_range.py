"""Which periods figures are about, as somebody names them: one, several, or from one to another."""

from collections.abc import Iterator, Sequence

from services.controlling.figures.errors import PeriodsReversed
from services.controlling.policy.calendar import Period

_UNTIL = ".."


def periods_and_files(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell periods (`2026-01`, `2026-01..2026-06`) from files, each in its order, once.

    Raises:
        PeriodsReversed: a range ends before it begins, or its ends are of different lengths.
    """
    periods: dict[str, None] = {}
    files = []
    for word in words:
        named = _periods(word)
        if named is None:
            files.append(word)
        else:
            periods |= dict.fromkeys(named)
    return list(periods), files


def _periods(word: str) -> list[str] | None:
    first, until, last = word.partition(_UNTIL)
    try:
        begin, end = Period.named(first), Period.named(last if until else first)
    except ValueError:
        return None
    if begin.length is not end.length or begin > end:
        raise PeriodsReversed(word)
    return list(_through(begin, end))


def _through(begin: Period, end: Period) -> Iterator[str]:
    while begin <= end:
        yield begin.key
        begin = begin.next
