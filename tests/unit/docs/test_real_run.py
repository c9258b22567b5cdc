"""The README shows the run that a reader gets, and says of its numbers what they add up to."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.summary.agreement import ENDED
from services.intake.simulation.commands import simulate
from shared.events.registry import CATALOGUE, Topic
from tests.unit.docs.pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK, TEXT = README.split("$ make run ONCE=1\n", 1)[1].split("```", 1)
SAID = " ".join(TEXT.split("## The system")[0].split())


def number(text: str) -> int:
    return int(text.replace(",", ""))


def said(sentence: str) -> list[int]:
    """Give the numbers of a sentence; N stands for each."""
    found = re.search(re.escape(sentence).replace("N", "([0-9,]*[0-9])"), SAID)
    assert found, sentence
    return [number(one) for one in found.groups()]


def row(name: str, head: str) -> dict[str, int]:
    """Give a row of the table below that head, by column."""
    table = BLOCK[BLOCK.index(head) :]
    columns = table.splitlines()[0].split()
    cells = re.search(rf"^ {name} .*$", table, re.MULTILINE)
    assert cells, name
    return dict(zip(columns[-4:], map(number, cells[0].split()[-4:]), strict=True))


def compared(what: str, upstream: str) -> int:
    """Give a number on which two parts agree; a row without a name goes on with the one above."""
    found = re.search(rf"^ {what} +{upstream} +(\S+)  .* (\S+)  agree$", BLOCK, re.MULTILINE)
    assert found, what
    assert found[1] == found[2]
    return number(found[1])


def messages(states: Sequence[str]) -> int:
    return sum(sum(row(state, " messages    email").values()) for state in states)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], Counter[Topic]]:
    """What the simulator says of the four weeks, and their events by topic."""
    file = tmp_path_factory.mktemp("weeks") / "events.ndjson"
    options = ["--weeks", "4", "--out", str(file), "--json"]
    told = json.loads(CliRunner().invoke(simulate, options, catch_exceptions=False).stdout)
    return told, by_topic(file)


def by_topic(file: Path) -> Counter[Topic]:
    with file.open(encoding="utf-8") as lines:
        return Counter(CATALOGUE[json.loads(line)["type"]].topic for line in lines)


def test_the_readme_shows_the_numbers_of_the_four_weeks(
    weeks: tuple[dict[str, int], Counter[Topic]],
) -> None:
    shown = re.search(r"^cases: (\S+), decisions: (\S+), events: (\S+),", BLOCK, re.MULTILINE)
    assert shown
    assert list(map(number, shown.groups())) == list(weeks[0].values())


def test_what_intake_accepted_beside_the_weeks_is_accounted_for(
    weeks: tuple[dict[str, int], Counter[Topic]],
) -> None:
    told, topics = weeks
    appeals = compared("case events", "intake accepted") - topics[Topic.CASE_EVENTS]
    counts = compared("office events", "intake accepted") - topics[Topic.OFFICE_EVENTS]

    assert said("N are none of the N of the weeks: N tell of appeals, and N are intake's own") == [
        appeals + counts,
        told["events"],
        appeals,
        counts,
    ]


def test_messages_that_wait_or_ended_unsent_add_up() -> None:
    told = said(
        "N messages wait for their day, as before a permit ends. N ended without being sent: "
        "N were about appointments and deadlines that are long over, N were overtaken by a later "
        "event, and for N there is no way."
    )
    unsent = ("expired", "superseded", "suppressed")

    assert told == [messages(["held"]), messages(unsent), *(messages([one]) for one in unsent)]


def test_messages_that_were_sent_are_those_that_were_carried() -> None:
    sent = Counter(row("accepted", " messages    email")) + Counter(
        row("delivered", " messages    email")
    )
    carried = {"email": "mails", "letter": "letters", "mailbox": "mailboxes", "sms": "SMS"}
    shown = [one for one in (*ENDED, "held") if re.search(rf"^ {one} ", BLOCK, re.MULTILINE)]

    assert sent == {way: compared(what, "notify sent") for way, what in carried.items()}
    assert messages(shown) == compared("", "notify planned")


def test_reviews_add_up_to_what_asked_for_them() -> None:
    drawn = compared("reviews", "decisions drawn")
    twice = compared("second reviews", "drawn for two")
    differing = compared("settlements", "an answer differs")
    states = re.search(r"^ reviews +([0-9 ,]+)$", BLOCK, re.MULTILINE)
    played = re.search(r"^invented people had (\S+) reviews: (.+)$", BLOCK, re.MULTILINE)
    assert states
    assert played
    waiting, *others = map(number, states[1].split())

    assert said("N decisions were drawn, for N reasons") == [
        drawn,
        compared("draw reasons", "controlling has"),
    ]
    assert said("N of them are reviewed twice, and N pairs answer") == [twice, differing]
    assert said("These are N reviews: the N of invented people and N that wait.") == [
        drawn + twice + differing,
        sum(others),
        waiting,
    ]
    assert number(played[1]) == sum(others) == sum(map(int, re.findall(r": (\d+)", played[2])))
