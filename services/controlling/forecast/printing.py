"""What a preview says: an object for programs, tables and sentences for leadership."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from rich.table import Table

from services.controlling.forecast.forecast import Need, StratumForecast, Week
from services.controlling.forecast.load import Burden, as_rows
from services.controlling.forecast.preview import Preview
from services.controlling.policy.stratum_names import StratumNames
from shared.console import screen
from shared.web.pages.spoken import UNKNOWN, Spoken

FOLDER = Path(__file__).parent


def as_object(preview: Preview, first: date, last: date, wanted: Fraction | None) -> dict[str, Any]:
    """Give a preview as one JSON object: shares as fractions, nothing rounded."""
    found = preview.forecast
    return {
        "policy": found.policy.version,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "decisions": found.decisions,
        "drawn": found.drawn,
        "hours": found.hours,
        "half_width": found.half_width,
        "unseen": found.unseen,
        "load": {
            "reviews": preview.burden.reviews,
            "hours": preview.burden.hours,
            "capacity": preview.burden.capacity,
            "by": as_rows(preview.burden),
            "advice": [asdict(one) for one in preview.burden.advice],
        },
        "weeks": [_week(week) for week in found.weeks],
        "strata": [
            asdict(one) | {"rate": float(one.rate), "weeks": [_week(week) for week in one.weeks]}
            for one in found.strata
        ],
        "windows": [asdict(one) for one in found.windows],
        "units_taken_over": preview.taken_over,
        "facts_unknown": preview.unknown,
        "law_changed_unlisted": preview.unlisted,
        "wanted": None if wanted is None else _needs(preview, wanted),
    }


def _needs(preview: Preview, wanted: Fraction) -> dict[str, Any]:
    found = preview.forecast
    return {
        "half_width": float(wanted),
        "each_stratum": asdict(found.each_to(wanted)),
        "neyman": asdict(found.whole_to(wanted, by_size=False)),
        "proportional": asdict(found.whole_to(wanted, by_size=True)),
    }


def _week(week: Week) -> dict[str, Any]:
    return {"week": _name(week)} | asdict(week) | {"monday": week.monday.isoformat()}


def _name(week: Week) -> str:
    return f"{week.monday:%G-W%V}"


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints a preview in one language; what a figure means stands below its table.

    Attributes:
        say: Says what the catalogue of this room has.
        names: Names strata.
    """

    say: Spoken
    names: StratumNames

    def print_tables(self, preview: Preview, *, by_week: bool, wanted: Fraction | None) -> None:
        """Print what a week costs, the strata and, for a wanted precision, the rates it needs."""
        say, found = self.say, preview.forecast
        parts = [*self._load(preview.burden), self._strata(preview), *self._meaning(preview)]
        parts.append(self._weeks(found.weeks, say("weeks.all")))
        if by_week:
            parts += [
                self._weeks(one.weeks, self.names.stratum(one.stratum)) for one in found.strata
            ]
        if wanted is not None:
            parts += [self._rates(preview, wanted), say("rates.meaning")]
        screen.show(*parts, *self._notes(preview), whole=True)

    def print_load(self, preview: Preview) -> None:
        """Print what a week costs alone, and what the counts don't hold."""
        screen.show(*self._load(preview.burden), *self._unknown(preview), whole=True)

    def _load(self, found: Burden) -> list[Table | str]:
        return [self._burden(found), self.say("load.meaning"), *self._fits(found)]

    def _burden(self, found: Burden) -> Table:
        heads = ("load.reviews", "load.hours")
        table = self._table(self.say("load.title"), "load.asks", heads)
        for one in found.loads:
            said = self.say(f"asks.{one.asks}")
            screen.add(table, said, self._one(one.reviews), self._one(one.hours))
        screen.foot(table, self.say("all"), self._one(found.reviews), self._one(found.hours))
        return table

    def _fits(self, found: Burden) -> Iterator[str]:
        """Say whether reviewers can bear it, and what to change if they can't."""
        if found.capacity is None:
            yield self.say("fits.unknown")
            return
        fits = "fits.yes" if found.hours <= found.capacity else "fits.no"
        yield self.say(fits, hours=self._one(found.hours), capacity=self._one(found.capacity))
        for one in found.advice:
            values = asdict(one) | {"saves": self._one(one.saves)}
            yield f"  {self.say(f'advice.{one.lever}', **values)}"

    def _strata(self, preview: Preview) -> Table:
        found, say = preview.forecast, self.say
        heads = ("decisions", "rate", "minimum", "drawn", "hours", "expected", "known")
        keys = ["load.hours" if one == "hours" else f"strata.{one}" for one in heads]
        title = say("strata.title", version=found.policy.version)
        table = self._table(title, "strata.stratum", keys)
        for one in found.strata:
            screen.add(
                table,
                self.names.stratum(one.stratum),
                say.number(one.decisions),
                say.percent(float(one.rate)),
                say.number(one.minimum) if one.minimum else UNKNOWN,
                self._one(one.drawn),
                self._one(one.hours),
                say.percent(one.expected_errors),
                say.percent(one.half_width),
            )
        drawn, hours = self._one(found.drawn), self._one(found.hours)
        decisions, known = say.number(found.decisions), say.percent(found.half_width)
        screen.foot(table, say("all"), decisions, "", "", drawn, hours, "", known)
        return table

    def _meaning(self, preview: Preview) -> Iterator[str]:
        yield self.say("strata.meaning.drawn")
        periods = max(len(one.sizes) for one in preview.forecast.strata)
        several = "" if periods > 1 else ".one"
        yield self.say(f"strata.meaning.known{several}", periods=periods)

    def _weeks(self, weeks: tuple[Week, ...], title: str) -> Table:
        heads = ("strata.decisions", "strata.drawn", "load.hours")
        table = self._table(title, "weeks.week", heads)
        for week in weeks:
            decisions = self.say.number(week.decisions)
            screen.add(table, _name(week), decisions, self._one(week.drawn), self._one(week.hours))
        return table

    def _rates(self, preview: Preview, wanted: Fraction) -> Table:
        say, found = self.say, preview.forecast
        needs: dict[str, Need] = {
            "rates.each": found.each_to(wanted),
            "rates.fewest": found.whole_to(wanted, by_size=False),
            "rates.by_size": found.whole_to(wanted, by_size=True),
        }
        title = say("rates.title", wanted=say.percent(float(wanted)))
        table = self._table(title, "rates.needed", list(needs))
        for one in found.strata:
            rates = (say.percent(need.rates[one.stratum]) for need in needs.values())
            screen.add(table, self.names.stratum(one.stratum), *rates)
        screen.foot(table, say("all"), *map(self._cost, needs.values()))
        return table

    def _cost(self, need: Need) -> str:
        say = self.say
        reviews = say("rates.sum", reviews=say.number(need.reviews))
        cost = say("rates.cost", hours=say.number(need.hours), reached=say.percent(need.half_width))
        return f"{reviews}\n{cost}"

    def _notes(self, preview: Preview) -> Iterator[str]:
        say, found = self.say, preview.forecast
        for one in found.strata:
            yield from self._notes_of(one)
        if found.unseen:
            yield say("note.unseen", count=say.number(found.unseen))
        for window in found.windows:
            yield say(
                "note.window",
                name=window.name,
                days=window.days,
                decisions=say.number(window.decisions),
                hours=say.number(window.hours),
            )
        for unit, heirs in preview.taken_over.items():
            named = ", ".join(map(self.names.unit, heirs))
            yield say("note.taken_over", unit=unit, heirs=named)
        yield from self._unknown(preview)

    def _unknown(self, preview: Preview) -> Iterator[str]:
        for code in preview.unlisted:
            yield self.say("note.unlisted", code=code)
        if preview.unknown:
            yield self.say("note.unknown", count=self.say.number(preview.unknown))

    def _notes_of(self, one: StratumForecast) -> Iterator[str]:
        named = self.names.stratum(one.stratum)
        if one.short:
            yield self.say("note.short", stratum=named, periods=one.short, minimum=one.minimum)
        if one.half_width is None:
            yield self.say("note.undrawn", stratum=named)

    def _one(self, value: float) -> str:
        return self.say.number(value, 1)

    def _table(self, title: str, first: str, numbers: Sequence[str]) -> Table:
        table = screen.table(self.say(first), numbers=[*map(self.say, numbers)], lined=True)
        table.title, table.title_justify = title, "left"
        return table
