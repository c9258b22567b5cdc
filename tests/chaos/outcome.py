"""What a storm showed: told on the terminal, kept as JSON, added up."""

import json
import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Console

from deploy.local.folder import CHECKOUT

HOME = CHECKOUT.root / "chaos"
REPORT = HOME / "report.json"

console = Console(highlight=False)


class Outcome(BaseModel):
    """What one storm showed.

    Attributes:
        seed: What it can be replayed with.
        version: The commit it ran on.
        events: Events acknowledged by intake, each once.
        kills: Faults that killed, froze or cut something, by kind.
        disturbances: Faults that only held things up, by kind.
        interrupted: Operator's commands killed half-way.
        lost: What is missing, by what it is; likewise `doubled`, `disordered` and `wrong`.
        records_repeated: Records on the topics beyond the first with the same id.
        mails_repeated: Mails at the mail server beyond the first with the same Message-ID.
        recovery: Seconds from each fault until all that was acknowledged before had been applied.
        seconds: How long the storm took, start and end of all parts included.
        complaints: What else went wrong.
    """

    model_config = ConfigDict(frozen=True)

    seed: int
    version: str
    events: int
    kills: Counter[str]
    disturbances: Counter[str]
    interrupted: int
    lost: Counter[str]
    doubled: Counter[str]
    disordered: Counter[str]
    wrong: Counter[str]
    dead_letters_expected: int
    dead_letters_found: int
    records_repeated: int
    mails_repeated: int
    recovery: list[float]
    seconds: float
    complaints: list[str]

    @property
    def passed(self) -> bool:
        """Whether the storm did no harm and everything runs on."""
        return not (self.harm or self.complaints)

    @property
    def harm(self) -> list[str]:
        """Everything that is lost, doubled, disordered or wrong, with its number."""
        return [
            f"{title} {amount}: {what}"
            for title in ("lost", "doubled", "disordered", "wrong")
            for what, amount in (+getattr(self, title)).items()
        ]


def tell(outcome: Outcome) -> None:
    """Print one storm's result."""
    for text in (*outcome.harm, *outcome.complaints):
        console.print("  [red]-[/]", text)
    console.print(
        f"  seed {outcome.seed}: {'passed' if outcome.passed else '[red]failed[/]'}; "
        f"{outcome.events:,} events, {outcome.kills.total()} kills, "
        f"{outcome.disturbances.total()} disturbances, "
        f"{outcome.dead_letters_found} of {outcome.dead_letters_expected} dead letters, "
        f"recovery {middle(outcome.recovery):.1f} s (longest {max(outcome.recovery):.1f} s), "
        f"{outcome.records_repeated} records and {outcome.mails_repeated} mails repeated; "
        f"{outcome.seconds:.0f} s"
    )


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values) if values else 0.0


def write(outcomes: Sequence[Outcome], path: Path = REPORT) -> None:
    """Write the report over some storms."""
    kills: Counter[str] = sum((one.kills for one in outcomes), Counter())
    report = {
        "events": sum(one.events for one in outcomes),
        "kills": kills.total(),
        "kills_by_kind": kills,
        "disturbances": sum(one.disturbances.total() for one in outcomes),
        "lost": sum(one.lost.total() for one in outcomes),
        "doubled": sum(one.doubled.total() for one in outcomes),
        "disordered": sum(one.disordered.total() for one in outcomes),
        "wrong": sum(one.wrong.total() for one in outcomes),
        "complaints": [text for one in outcomes for text in one.complaints],
        "dead_letters_expected": sum(one.dead_letters_expected for one in outcomes),
        "dead_letters_found": sum(one.dead_letters_found for one in outcomes),
        "records_repeated": sum(one.records_repeated for one in outcomes),
        "mails_repeated": sum(one.mails_repeated for one in outcomes),
        "recovery_seconds": [round(value, 1) for one in outcomes for value in one.recovery],
        "seeds": [one.seed for one in outcomes],
        "passed": all(one.passed for one in outcomes),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n")
