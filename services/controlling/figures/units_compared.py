"""Whether units err alike on like cases, in words: the same on the page and on a terminal."""

from collections.abc import Callable, Iterator

from services.controlling.figures.told import ToldConsistency
from shared.web.pages.spoken import Spoken

_BY_CHANCE = 0.05
"""Above this p-value units differ by no more than chance makes."""
_HUNDREDTH = 0.01


def units_compared(found: ToldConsistency | None, say: Spoken, named: Callable[[str], str]) -> str:
    """Say by how much units differ, and which; or why nothing is said.

    Args:
        found: What is told of it.
        say: Says what the catalogue of this room has.
        named: Names a unit.
    """
    if found is None:
        return say("units.unknown")
    return " ".join(_sentences(found, say, named))


def _sentences(found: ToldConsistency, say: Spoken, named: Callable[[str], str]) -> Iterator[str]:
    if found.p_value.lower < _BY_CHANCE:
        yield say("units.apart", p=_plain(found.p_value.upper, say))
    else:
        yield say("units.alike", p=_plain(_BY_CHANCE, say))
    if (far := found.deviation) is not None:
        yield say("units.deviation", lower=_points(far.lower, say), upper=_points(far.upper, say))
    if (limits := found.deviation_limits) is not None:
        lower, upper = (_points(one, say) for one in (limits.lower, limits.upper))
        yield say("units.limits", lower=lower, upper=upper)
    differ = sorted(named(name) for name, differs in found.units.items() if differs)
    yield say("units.differ", units=", ".join(differ)) if differ else say("units.none")


def _points(share: float, say: Spoken) -> str:
    return say.number(100 * share)


def _plain(p_value: float, say: Spoken) -> str:
    return say.number(p_value, 3 if p_value < _HUNDREDTH else 2)
