"""Files that pretend to be exports: what was done to each, and what verifiers must find in it."""

import base64
import copy
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from pydantic_core import from_json, to_json

from deploy.demo.time_stamps import Authority
from services.controlling.periods.commitment import commitment_to_seed
from services.controlling.periods.draw import Sampler
from services.controlling.proof.fault import FaultKind as F
from services.controlling.proof.record import Witnessed
from shared.events.vocabulary import WitnessRole
from shared.security import time_stamps
from shared.security.signatures import public_key_of, sign
from tests.unit.services.controlling.proof.records import (
    KEY,
    POLICY,
    Lines,
    at,
    chained,
    record,
    register,
    sealed,
)

SEED = bytes(reversed(range(32)))
STRATA = (
    "work/adverse/unit-a",
    "work/favourable/unit-a",
    "family/adverse/unit/b",
    "ending-stay/adverse/unit-a",
    "work(language:uk)/adverse/unit-a",
    "eu(priority:loss)/adverse/unit-a",
)
STAMPED = datetime(2026, 4, 3, 9, tzinfo=UTC)
WITNESSED = datetime(2026, 4, 20, 9, tzinfo=UTC)
THROWN = "35126416235152364423"
AUTHORITY = Authority()


def decision(number: int) -> str:
    digest = hashlib.sha256(str(number).encode()).digest()[:16]
    return "decision-" + base64.b32encode(digest).decode().lower().rstrip("=")


FRAME = {decision(number): STRATA[number % len(STRATA)] for number in range(180)}
LATE = [decision(number) for number in range(500, 503)]
REGISTERED = FRAME | dict.fromkeys(LATE, "late/adverse/unit-a")
"""The same where what comes late is drawn, as in every register that is chained."""


@dataclass(frozen=True)
class Tampered:
    """A file; `kinds` is what is wrong with it: nothing where no verifier can know."""

    name: str
    content: bytes
    kinds: frozenset[F]


def honest() -> Lines:
    return record(SEED, FRAME, LATE)


def stamp_of(text: str, moment: datetime = STAMPED) -> str:
    """Give a time stamp as a header holds it."""
    AUTHORITY.at = moment
    answer = AUTHORITY.stamp(time_stamps.request(text).as_bytes())
    return base64.b64encode(answer).decode()


def stamped() -> Lines:
    header, *rest = honest()
    stamp = {
        "time_stamp": stamp_of(str(header["commitment"])),
        "stamped_at": "2026-04-03T09:00:00Z",
    }
    return [header | stamp, *rest]


def witnessed() -> Lines:
    """Give one into whose seed dice entered that two roles watched, after the stamp."""
    watched = (WitnessRole.STAFF_COUNCIL, WitnessRole.AUDITOR)
    thrown = Witnessed(value=THROWN, at=WITNESSED, roles=watched)
    header, *rest = register(SEED, REGISTERED, witness=thrown)
    stamp = {
        "time_stamp": stamp_of(str(header["commitment"])),
        "stamped_at": "2026-04-03T09:00:00Z",
    }
    return [header | stamp, *rest]


def earlier() -> Lines:
    """Give an export of the format before this one."""
    header, *rest = honest()
    gone = {"catalogue", "commitment_form", "opened_at", "stamped_at", "closed_at", "closed_early"}
    older = {name: value for name, value in header.items() if name not in gone}
    older |= {"commitment": commitment_to_seed(SEED), "format": "gleichfall-draw-1"}
    return [older | {"policy": from_json(str(header["policy"]))}, *rest]


def signed(written: Sequence[bytes], key: bytes = KEY) -> bytes:
    """Sign bytes, whatever they are: who holds the key can."""
    body = b"".join(written)
    return body + seal(public_key_of(key), sign(key, hashlib.sha256(body).digest()))


def seal(public_key: bytes, signature: bytes) -> bytes:
    return to_json({"public_key": public_key.hex(), "signature": signature.hex()}) + b"\n"


def undrawn(line: dict[str, object]) -> bool:
    return not line["drawn"] and not line["late"]


def is_drawn(line: dict[str, object]) -> bool:
    return line["drawn"] == "random"


def is_late(line: dict[str, object]) -> bool:
    return line["late"] is True


# What somebody does who holds the signing key: the lines are changed, then signed again.

Change = Callable[[Lines], None]


def head(**changed: object) -> Change:
    """Change the first line."""
    return lambda lines: lines[0].update(changed)


def one(found: Callable[[dict[str, object]], bool], **changed: object) -> Change:
    """Change the first decision that is like this."""
    return lambda lines: lines[at(lines, found)].update(changed)


def count(stratum: int, **added: int) -> Change:
    """Change a published count."""

    def change(lines: Lines) -> None:
        counts = lines[0]["strata"]
        assert isinstance(counts, list)
        for name, more in added.items():
            counts[stratum][name] += more

    return change


def policy(was: str, becomes: str) -> Change:
    """Change the text of the policy."""

    def change(lines: Lines) -> None:
        text = str(lines[0]["policy"])
        assert was in text
        lines[0]["policy"] = text.replace(was, becomes, 1)

    return change


def swap_counts(lines: Lines) -> None:
    counts = lines[0]["strata"]
    assert isinstance(counts, list)
    drawn = [entry["drawn"] for entry in counts]
    other = next(number for number in range(1, len(drawn)) if drawn[number] != drawn[0])
    counts[0]["drawn"], counts[other]["drawn"] = drawn[other], drawn[0]


def drop_a_count(lines: Lines) -> None:
    counts = lines[0]["strata"]
    assert isinstance(counts, list)
    del counts[0]


def draw_by_another_policy(lines: Lines) -> None:
    lower = POLICY.model_copy(update={"default_rate": Decimal("0.01")})
    promised = lines[0]["commitment"]
    lines[:] = record(SEED, FRAME, LATE, lower)
    lines[0]["commitment"] = promised


def remove(found: Callable[[dict[str, object]], bool]) -> Change:
    def change(lines: Lines) -> None:
        del lines[at(lines, found)]

    return change


def remove_undrawn_in_the_largest(lines: Lines) -> None:
    """One that no minimum misses."""
    del lines[at(lines, lambda line: undrawn(line) and line["stratum"] == STRATA[0])]


def double_beside(lines: Lines) -> None:
    number = at(lines, undrawn)
    lines.insert(number, dict(lines[number]))


def double_far_away(lines: Lines) -> None:
    """Once more in another stratum, with ticket, rate, place and count as they have to be."""
    lines[:] = double_in(lines, STRATA[0], STRATA[1])


def double_in(lines: Lines, here: str, there: str) -> Lines:
    number = at(lines, lambda line: undrawn(line) and line["stratum"] == here)
    again = dict(lines[number]) | {"stratum": there}
    counts = lines[0]["strata"]
    assert isinstance(counts, list)
    next(entry for entry in counts if entry["stratum"] == there)["size"] += 1
    rest = [*lines[1:], again]
    rest.sort(key=lambda line: (line["late"], line["stratum"], line["ticket"], line["decision"]))
    return [lines[0], *rest]


def double_as_late(lines: Lines) -> None:
    again = dict(lines[at(lines, undrawn)]) | {"late": True, "probability": "0"}
    rest = [*lines[1:], again]
    rest.sort(key=lambda line: (line["late"], line["stratum"], line["ticket"], line["decision"]))
    lines[1:] = rest


def move_to_another_stratum(lines: Lines) -> None:
    number = at(lines, lambda line: undrawn(line) and line["stratum"] == STRATA[0])
    lines[number]["stratum"] = STRATA[1]


def exchange_for_another(lines: Lines) -> None:
    """Put another decision, that isn't drawn either, into the place of one."""
    sampler, number = Sampler(SEED), at(lines, lambda line: line["stratum"] == STRATA[0])
    left = lines.pop(at(lines, lambda line: undrawn(line) and line["stratum"] == STRATA[0]))
    rate = Decimal(str(left["probability"]))
    largest = max(str(line["ticket"]) for line in lines[1:] if line["drawn"] == "top_up")
    name = next(
        name
        for name in map(decision, range(20_000, 30_000))
        if Decimal(sampler.ticket(name)) >= rate and sampler.ticket(name) > largest
    )
    lines.insert(number, left | {"decision": name, "ticket": sampler.ticket(name)})
    lines[1:] = sorted(
        lines[1:],
        key=lambda line: (line["late"], line["stratum"], line["ticket"], line["decision"]),
    )


def change_a_digit(lines: Lines) -> None:
    line = lines[at(lines, undrawn)]
    ticket = str(line["ticket"])
    line["ticket"] = ticket[:-1] + str((int(ticket[-1]) + 1) % 10)


def exchange_neighbours(lines: Lines) -> None:
    number = at(lines, undrawn)
    lines[number], lines[number + 1] = lines[number + 1], lines[number]


def hide_among_the_late(lines: Lines) -> None:
    moved = lines.pop(at(lines, undrawn)) | {"late": True, "probability": "0"}
    lines[1:] = sorted(
        [*lines[1:], moved],
        key=lambda line: (line["late"], line["stratum"], line["ticket"], line["decision"]),
    )


BEYOND = {F.COMMITMENT, F.CLOSED_AT, F.CLOSED_EARLY}
CHANGES: dict[str, tuple[Change, set[F]]] = {
    "the seed swapped": (head(seed=bytes(32).hex()), {F.SEED}),
    "the commitment changed": (head(commitment="0" * 64), {F.COMMITMENT}),
    "the commitment of the seed alone": (
        head(commitment=commitment_to_seed(SEED)), {F.COMMITMENT}),
    "said to be to the seed alone": (head(commitment_form=1), {F.COMMITMENT}),
    "another catalogue": (head(catalogue='{"unlisted":"other","types":[]}'), {F.COMMITMENT}),
    "no catalogue": (head(catalogue=None), {F.COMMITMENT}),
    "another first day": (head(first_day="2026-05-02"), {F.COMMITMENT}),
    "another last day": (head(last_day="2026-06-30"), BEYOND),
    "a rate lowered": (
        policy('"rate":"0.5"', '"rate":"0.4"'), {F.COMMITMENT, F.PROBABILITY, F.DRAWN}),
    "a minimum raised": (
        policy('"default_minimum":4', '"default_minimum":9'), {F.COMMITMENT, F.DRAWN}),
    "a reason in the policy changed": (policy('"why":"new"', '"why":"old"'), {F.COMMITMENT}),
    "drawn by another policy": (draw_by_another_policy, {F.COMMITMENT}),
    "a count raised": (count(0, size=1), {F.SIZE}),
    "a count of drawn lowered": (count(0, drawn=-1), {F.SAMPLE}),
    "counts swapped": (swap_counts, {F.SAMPLE}),
    "a count dropped": (drop_a_count, {F.SIZE, F.SAMPLE}),
    "a decision removed": (remove_undrawn_in_the_largest, {F.SIZE}),
    "a drawn decision removed": (remove(is_drawn), {F.SIZE, F.SAMPLE}),
    "a late decision removed": (remove(is_late), set()),
    "a decision beside itself": (double_beside, {F.TWICE, F.SIZE}),
    "a decision in two strata": (double_far_away, {F.TWICE}),
    "a decision in the frame and late": (double_as_late, {F.TWICE}),
    "a decision in another stratum": (move_to_another_stratum, {F.SIZE, F.ORDER}),
    "a decision exchanged for another": (exchange_for_another, set()),
    "a digit of a ticket changed": (change_a_digit, {F.TICKET}),
    "a ticket cut": (one(undrawn, ticket="0.987"), {F.TICKET}),
    "a probability raised": (one(undrawn, probability="0.9"), {F.PROBABILITY}),
    "a draw removed": (one(is_drawn, drawn=None), {F.DRAWN, F.SAMPLE}),
    "a top-up removed": (
        one(lambda line: line["drawn"] == "top_up", drawn=None), {F.DRAWN, F.SAMPLE}),
    "a draw added": (one(undrawn, drawn="random"), {F.DRAWN, F.SAMPLE}),
    "a draw called a top-up": (one(is_drawn, drawn="top_up"), {F.DRAWN}),
    "neighbours exchanged": (exchange_neighbours, {F.ORDER}),
    "a decision hidden among the late": (hide_among_the_late, {F.SIZE}),
    "a decision called late": (
        one(undrawn, late=True), {F.SIZE, F.ORDER, F.PROBABILITY}),
    "a late decision called in time": (
        one(lambda line: line["decision"] == LATE[0], late=False),
        {F.SIZE, F.ORDER, F.PROBABILITY},
    ),
    "a late decision drawn": (one(is_late, drawn="random"), {F.DRAWN}),
    "a late decision with a chance": (one(is_late, probability="0.1"), {F.PROBABILITY}),
    "corrected, or not": (one(undrawn, corrected=True), set()),
    "withdrawn, or not": (one(undrawn, withdrawn=True), set()),
    "a footnote dropped": (head(footnotes=[]), set()),
    "opened earlier, in its own words": (head(opened_at="2026-01-01T00:00:00Z"), set()),
    "stamped, without a stamp": (head(stamped_at="2026-04-03T09:00:00Z"), {F.STAMPED_AT}),
    "a stamp that is none": (head(time_stamp="AAAA"), {F.STAMP}),
    "a stamp that is JSON": (head(time_stamp=base64.b64encode(b"{}").decode()), {F.STAMP}),
    "a stamp of something else": (head(time_stamp=stamp_of("0" * 64)), {F.STAMP}),
    "closed before the end": (
        head(closed_at="2026-05-20T00:00:00Z", closed_early=True), {F.CLOSED_AT}),
    "opened after the end": (head(opened_at="2026-07-01T00:00:00Z", closed_early=True), set()),
    "closed early without saying so": (
        head(closed_at="2026-06-02T00:00:00Z"), {F.CLOSED_EARLY}),
}  # fmt: skip
"""By whoever holds the signing key. No verifier can know where nothing is expected."""
WHERE_LATE_ONES_ARE_DRAWN: dict[str, set[F]] = {
    "a late decision removed": {F.SIZE, F.SAMPLE},
    "a decision in the frame and late": {F.TWICE, F.LATE, F.PROBABILITY, F.SIZE},
    "a decision hidden among the late": {F.LATE, F.PROBABILITY},
    "a decision called late": {F.LATE},
    "a late decision called in time": {F.LATE},
    "a late decision drawn": set(),
}
"""What is found instead in a register that was chained."""


def stamp_cut(lines: Lines) -> None:
    whole = base64.b64decode(str(lines[0]["time_stamp"]))
    lines[0]["time_stamp"] = base64.b64encode(whole[:-40]).decode()


def stamp_continued(lines: Lines) -> None:
    whole = base64.b64decode(str(lines[0]["time_stamp"]))
    lines[0]["time_stamp"] = base64.b64encode(whole + b"\0").decode()


def stamp_of_the_year_after(lines: Lines) -> None:
    late = datetime(2027, 5, 1, tzinfo=UTC)
    lines[0]["time_stamp"] = stamp_of(str(lines[0]["commitment"]), late)


STAMPS: dict[str, tuple[Change, set[F]]] = {
    "a stamp, and nothing changed": (lambda _: None, set()),
    "stamped earlier, in its own words": (
        head(stamped_at="2026-04-02T09:00:00Z"), {F.STAMPED_AT}),
    "stamped a second later": (head(stamped_at="2026-04-03T09:00:01Z"), {F.STAMPED_AT}),
    "a stamp that isn't told": (head(stamped_at=None), {F.STAMPED_AT}),
    "a stamp of another time": (stamp_of_the_year_after, {F.STAMPED_AT}),
    "a stamp cut": (stamp_cut, {F.STAMP, F.STAMPED_AT}),
    "a stamp continued": (stamp_continued, {F.STAMP, F.STAMPED_AT}),
    "a stamp and another commitment": (
        head(commitment="0" * 64), {F.STAMP, F.STAMPED_AT, F.COMMITMENT}),
    "a stamp and another seed": (head(seed=bytes(32).hex()), {F.SEED}),
}  # fmt: skip


def thrown(**changed: object) -> Change:
    """Change what is said of the witness."""

    def change(lines: Lines) -> None:
        said = lines[0]["witness"]
        assert isinstance(said, dict)
        said.update(changed)

    return change


WITNESSES: dict[str, tuple[Change, set[F]]] = {
    "a witness, and nothing changed": (lambda _: None, set()),
    "another value": (thrown(value=THROWN[::-1]), {F.TICKET, F.DRAWN}),
    "a value dropped": (head(witness=None), {F.TICKET, F.DRAWN}),
    "other roles": (thrown(roles=["auditor", "public"]), set()),
    "witnessed in time, in its own words": (thrown(at="2026-04-04T09:00:00Z"), set()),
    "witnessed in the last second": (thrown(at="2026-04-30T09:59:59Z"), set()),
    "witnessed when the day had begun on Kiritimati": (
        thrown(at="2026-04-30T10:00:00Z"), {F.WITNESSED_LATE}),
    "witnessed after the close": (thrown(at="2026-07-01T09:00:00Z"), {F.WITNESSED_LATE}),
    "witnessed before the stamp": (thrown(at="2026-04-03T08:59:59Z"), {F.WITNESSED_EARLY}),
    "witnessed before it was opened": (thrown(at="2026-04-01T09:00:00Z"), {F.WITNESSED_EARLY}),
    "witnessed and another seed": (head(seed=bytes(32).hex()), {F.SEED}),
    "called simulated": (head(simulated=True), set()),
    "witnessed by one": (thrown(roles=["auditor"]), {F.FORMAT}),
    "witnessed by nobody": (thrown(roles=[]), {F.FORMAT}),
    "witnessed by one twice": (thrown(roles=["auditor", "auditor"]), {F.FORMAT}),
    "roles in another order": (thrown(roles=["auditor", "staff_council"]), {F.FORMAT}),
    "a role that there isn't": (thrown(roles=["auditor", "operations"]), {F.FORMAT}),
    "a value in capitals": (thrown(value=THROWN + "A"), {F.FORMAT}),
    "a value too short": (thrown(value=THROWN[1:]), {F.FORMAT}),
    "a value that is a number": (thrown(value=35126416235152364423), {F.FORMAT}),
    "a witness's name": (thrown(name="Maria Berger"), {F.FORMAT}),
    "a witness that is a text": (head(witness=THROWN), {F.FORMAT}),
    "simulated that is a number": (head(simulated=0), {F.FORMAT}),
}  # fmt: skip


def changed(make: Callable[[], Lines], change: Change) -> bytes:
    lines = copy.deepcopy(make())
    change(lines)
    return b"".join(sealed(lines))


def with_byte(content: bytes, place: float, byte: int) -> bytes:
    """Change one byte, most of the time in the first or the last line, which say the most."""
    at = int(place * 3 % 1 * (len(content) - 1))
    found = bytearray(content)
    found[at if place < 1 / 3 else at % 4_000 if place < 2 / 3 else -1 - at % 300] = byte
    return bytes(found)


CAME_LATE = {decision(number): "late/adverse/unit-a" for number in range(600, 612)}


def came_late(line: dict[str, object]) -> bool:
    return line["decision"] in CAME_LATE


def call_it_in_time(lines: Lines) -> None:
    lines[at(lines, came_late)] |= {"stratum": STRATA[0], "late": False}


def let_escape_as_late(lines: Lines) -> None:
    """Call one late that was drawn; the counts and the chain are as they have to be then."""
    line, header = lines[at(lines, is_drawn)], lines[0]
    counts, chain = header["strata"], header["chain"]
    assert isinstance(counts, list)
    assert isinstance(chain, dict)
    line |= {"late": True, "drawn": None, "probability": "0"}
    counted = next(entry for entry in counts if entry["stratum"] == line["stratum"])
    counted |= {"size": counted["size"] - 1, "drawn": counted["drawn"] - 1}
    chain["closed"] -= 1


LATE_ONES: dict[str, tuple[Change, set[F]]] = {
    "late ones, and nothing changed": (lambda _: None, set()),
    "one that came late, not drawn": (one(came_late, drawn=None), {F.DRAWN, F.SAMPLE}),
    "one that came late, topped up": (one(came_late, drawn="top_up"), {F.DRAWN}),
    "one that came late at half the rate": (one(came_late, probability="0.5"), {F.PROBABILITY}),
    "one that came late, called in time": (
        call_it_in_time, {F.SIZE, F.SAMPLE, F.PROBABILITY, F.DRAWN}),
    "one that came late, in time by its flag alone": (one(came_late, late=False), {F.LATE}),
    "a drawn one let escape as late, its counts lowered": (
        let_escape_as_late, {F.LATE, F.PROBABILITY, F.DRAWN, F.SIZE}),
    "the rate of late ones lowered": (
        policy('"late_rate":"1"', '"late_rate":"0.01"'), {F.COMMITMENT, F.PROBABILITY, F.DRAWN}),
    "the rate of late ones left out": (policy('"late_rate":"1",', ""), {F.COMMITMENT}),
    "the rate of late ones above one": (policy('"late_rate":"1"', '"late_rate":"2"'), {F.FORMAT}),
}  # fmt: skip


def latecomers() -> Iterator[Tampered]:
    """Give registers that were chained anew, with decisions whose own period was closed."""
    for name, (change, kinds) in LATE_ONES.items():
        lines = copy.deepcopy(register(SEED, FRAME | CAME_LATE))
        change(lines)
        yield Tampered(name, b"".join(sealed(chained(lines))), frozenset(kinds))


def registers() -> Iterator[Tampered]:
    """Give the same of registers that were chained again by whoever has the database, too.

    Their order says nothing of the draw, and nobody kept a head.
    """
    for name, (change, kinds) in CHANGES.items():
        if change is draw_by_another_policy:
            continue
        lines = copy.deepcopy(register(SEED, REGISTERED))
        closed = sizes(lines)
        change(lines)
        told = {F.CLOSED} if sizes(lines) != closed and F.SEED not in kinds else set()
        found = WHERE_LATE_ONES_ARE_DRAWN.get(name, kinds) - {F.ORDER} | told
        content = b"".join(sealed(chained(lines)))
        yield Tampered(f"register: {name}", content, frozenset(found))


def sizes(lines: Lines) -> int:
    counts = lines[0]["strata"]
    assert isinstance(counts, list)
    return sum(one["size"] for one in counts)


def tampered() -> Iterator[Tampered]:
    """Give all files that are in form, and signed."""
    for name, (change, kinds) in CHANGES.items():
        yield Tampered(name, changed(honest, change), frozenset(kinds))
    for name, (change, kinds) in STAMPS.items():
        yield Tampered(name, changed(stamped, change), frozenset(kinds))


def witnesses() -> Iterator[Tampered]:
    """Give those in which dice were thrown."""
    for name, (change, kinds) in WITNESSES.items():
        yield Tampered(name, changed(witnessed, change), frozenset(kinds))
