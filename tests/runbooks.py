"""A runbook as somebody follows it: what to look at, what to do, and what shows that it is over.

What is typed is read from the page, so a test types what an operator will. Prometheus is asked
whether the alert of the page fires while the fault is on, and no more once it is over.
"""

import asyncio
import re
import shlex
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import dedent

from click.testing import CliRunner

from deploy.command_line import gleichfall
from shared.configuration.places import ROOT
from shared.errors import GleichfallError
from tests.figures import Figures, Judgement, judge
from tests.patience import PATIENCE
from tests.rules import ALERTS

RUNBOOKS = ROOT / "docs" / "operations" / "runbooks.md"
_PARTS = ("Means", "Look at", "Do", "Over when")
_TYPED = re.compile(r"^ *```sh\n(.*?)^ *```$|`(gleichfall [^`]+)`", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"[A-Z]+")


@dataclass(frozen=True, slots=True)
class Runbook:
    """The commands of one, by what they are for, each as it stands on the page."""

    looks: Sequence[str]
    does: Sequence[str]
    proofs: Sequence[str]
    exits: bool
    """Whether the page says that the proofs exit with 0."""

    @property
    def lines(self) -> Sequence[str]:
        """All of them, in the order in which they are typed."""
        return (*self.looks, *self.does, *self.proofs)


def alerts() -> list[str]:
    """Name the alerts that have a runbook, in the order of the page."""
    return re.findall(r"^## (.+)$", RUNBOOKS.read_text(encoding="utf-8"), re.MULTILINE)


def alerts_of(heading: str) -> list[str]:
    """Name the alerts that send people to the runbook of this heading."""
    anchor = f"#{heading.lower()}"
    return [
        name for name, rule in ALERTS.items() if rule["annotations"]["runbook"].endswith(anchor)
    ]


def runbook(alert: str) -> Runbook:
    """Read the runbook of an alert."""
    page = RUNBOOKS.read_text(encoding="utf-8")
    [section] = re.findall(rf"^## {alert}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    parts = dict(
        re.findall(r"^- \*\*(.+?):\*\*(.*?)(?=^- \*\*|\Z)", section, re.MULTILINE | re.DOTALL)
    )
    means, looks, does, proofs = (list(_lines(parts[one])) for one in _PARTS)
    assert not means, "what an alert means is nothing to type"
    return Runbook(looks, does, proofs, exits="exits with 0" in parts["Over when"])


def _lines(part: str) -> Iterator[str]:
    for block, inline in _TYPED.findall(part):
        yield from filter(None, dedent(block).splitlines())
        if inline:
            yield inline


def words_of(line: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """Give the words behind `gleichfall`, with what this fault is about in the place of ID."""
    program, *words = shlex.split(line)
    assert program == "gleichfall"
    return [one for word in words for one in (names[word] if _PLACE.fullmatch(word) else (word,))]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, complaints as well, and how it left."""

    text: str
    code: int = 0


def says(said: Said, words: str, *, exits: bool) -> bool:
    """Whether it has these words (an expression) and, where it must, has left with 0."""
    return bool(re.search(words, said.text)) and not (exits and said.code)


Console = Callable[[Sequence[str]], Awaitable[Said]]


def console(environment: Mapping[str, str]) -> Console:
    """Give what calls commands in this process, and says what a shell would show."""

    async def call(words: Sequence[str]) -> Said:
        runner = CliRunner(env={**environment, "COLUMNS": "200"})
        done = await asyncio.to_thread(runner.invoke, gleichfall, list(words))
        if done.exception and not isinstance(done.exception, GleichfallError | SystemExit):
            raise done.exception
        return Said(f"{done.output}{done.exception or ''}", done.exit_code)

    return call


FIRES, ENDS = "that its alert fires", "that its alert ends"


class Following:
    """Somebody who follows a runbook from its first line to its last, while its fault is on.

    Attributes:
        left: What is still to be typed, or seen.
    """

    def __init__(
        self,
        alert: str,
        call: Console,
        figures: Figures,
        before: Mapping[str, str],
        *,
        over: Sequence[str],
        names: Mapping[str, Sequence[str]],
    ) -> None:
        """Open it.

        Args:
            alert: Whose.
            call: Types a command.
            figures: Gives what Prometheus reads.
            before: What it has read before the fault.
            over: What each of its proofs says once it is over, as expressions.
            names: What stands in the place of a word in capitals.
        """
        self._page = runbook(alert)
        self._alerts = alerts_of(alert)
        self.left = [*self._page.lines, FIRES, ENDS]
        self._call = call
        self._figures = figures
        self._before = before
        self._over = over
        self._names = names

    async def look(self, *shown: str) -> None:
        """Type what it says to look at: each shows what is wrong, and no proof says it is over.

        The figures that its alert reads show it, too.
        """
        seen = {}
        for line, words in zip(self._page.looks, shown, strict=True):
            seen[line] = await self._until(line, words)
            self.left.remove(line)
        proofs = [seen.get(line) or await self._type(line) for line in self._page.proofs]
        over = [
            says(said, words, exits=self._page.exits)
            for said, words in zip(proofs, self._over, strict=True)
        ]
        assert not over or not all(over), "it would be over while it lasts"
        await self._see(FIRES)

    async def do(self, *said: str) -> None:
        """Type what it says to do: each is done, and says so."""
        for line, words in zip(self._page.does, said, strict=True):
            told = await self._type(line)
            assert told.code == 0, told.text
            assert re.search(words, told.text), told.text
            self.left.remove(line)

    async def prove(self) -> None:
        """Type what shows that it is over, until it does, and the figures show it, too."""
        for line, words in zip(self._page.proofs, self._over, strict=True):
            await self._until(line, words, exits=self._page.exits)
            self.left.remove(line)
        await self._see(ENDS)

    async def _see(self, what: str) -> None:
        """Wait until all alerts of the page fire if things stay as they are, or none does."""
        deadline = time.monotonic() + PATIENCE
        for alert in self._alerts:
            while (judged := await self._judged(alert, what)).fires != (what == FIRES):
                assert time.monotonic() < deadline, (
                    f"{alert}: nobody saw {what}, but {judged.series}"
                )
                await asyncio.sleep(0.5)
        self.left.remove(what)

    async def _judged(self, alert: str, what: str) -> Judgement:
        now = await self._figures()
        before = self._before if what == FIRES else now  # windows pass, once counters rest
        return await asyncio.to_thread(judge, alert, before, now)

    async def _until(self, line: str, words: str, *, exits: bool = False) -> Said:
        deadline = time.monotonic() + PATIENCE
        while not says(said := await self._type(line), words, exits=exits):
            assert time.monotonic() < deadline, f"{line} never said {words}:\n{said.text}"
            await asyncio.sleep(0.2)
        return said

    async def _type(self, line: str) -> Said:
        return await self._call(words_of(line, self._names))


Follow = Callable[..., Awaitable[Following]]


@contextmanager
def followed() -> Iterator[Follow]:
    """Give what opens runbooks, before their faults; all of each is done when the block ends."""
    opened: dict[str, Following] = {}

    async def follow(
        alert: str, call: Console, figures: Figures, *over: str, **names: str | Sequence[str]
    ) -> Following:
        several = {name: [one] if isinstance(one, str) else one for name, one in names.items()}
        opened[alert] = Following(alert, call, figures, await figures(), over=over, names=several)
        return opened[alert]

    yield follow
    for alert, following in opened.items():
        assert not following.left, f"of {alert} nobody typed or saw {following.left}"
