"""Records of closed periods, made as the database would, and tampered with."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from pydantic_core import from_json, to_json

from services.controlling.chain.linking import Registered, beginning, linked
from services.controlling.periods.commitment import Promised
from services.controlling.periods.draw import Sampler, as_threshold, shortfall
from services.controlling.periods.witness import mixed
from services.controlling.policy.groups import TypeGroups
from services.controlling.policy.inspection import Experience, settle
from services.controlling.policy.policy import Policy
from services.controlling.policy.strata import Stratum
from services.controlling.proof.record import (
    Chain,
    Count,
    EarlierEntry,
    Entry,
    Seal,
    UnchainedHeader,
    WholeHeader,
    Witnessed,
)
from shared.events.vocabulary import DrawReason
from shared.law.decision_types import DecisionTypes
from shared.security.signatures import is_signed, public_key_of, sign

KEY = bytes(range(32))
POLICY = settle(Policy.model_validate({
    "version": "test-1",
    "split_by": ("language",),
    "priority": ({"name": "loss", "types": ("FreizuegG/EU-6",), "why": "it weighs"},),
    "default_rate": Decimal("0.1"),
    "default_minimum": 4,
    "rates": (
        {"group": "ending-stay", "rate": Decimal(1), "why": "every one"},
        {"where": {"language": "uk"}, "rate": Decimal("0.5"), "minimum": 3, "why": "new"},
        {"unit": "unit/b", "rate": Decimal("0.25"), "minimum": 2, "why": "a new unit"},
    ),
}), Experience())  # fmt: skip
CATALOGUE = TypeGroups.of(DecisionTypes.load()).model_dump_json()
DAYS = date(2026, 5, 1), date(2026, 5, 31)
OPENED = datetime(2026, 4, 2, 8, tzinfo=UTC)
DECIDED = datetime(2026, 5, 4, 8, tzinfo=UTC)
CLOSED = datetime(2026, 6, 8, tzinfo=UTC)

Lines = list[dict[str, object]]


def written(moment: datetime) -> str:
    """A moment as a record holds it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"


def sample(
    seed: bytes, frame: Mapping[str, str], policy: Policy = POLICY, witness: str | None = None
) -> dict[str, DrawReason]:
    """Draw as the service does: random in the stream, topped up at the close."""
    sampler = Sampler(mixed(seed, witness))
    rules = {stratum: policy.rule_of(Stratum.parse(stratum)) for stratum in frame.values()}
    drawn = {
        name: DrawReason.RANDOM
        for name, stratum in frame.items()
        if Decimal(sampler.ticket(name)) < rules[stratum].rate
    }
    for stratum, rule in rules.items():
        members = [name for name in frame if frame[name] == stratum]
        waiting = sorted((sampler.ticket(name), name) for name in members if name not in drawn)
        missing = shortfall(rule, len(members), len(members) - len(waiting))
        drawn |= {name: DrawReason.TOP_UP for _, name in waiting[:missing]}
    return drawn


def record(
    seed: bytes, frame: Mapping[str, str], late: Sequence[str] = (), policy: Policy = POLICY
) -> Lines:
    """Give the lines of an export from before registers were chained, without its seal."""
    return from_before(register(seed, frame, late, policy))


def register(
    seed: bytes,
    frame: Mapping[str, str],
    late: Sequence[str] = (),
    policy: Policy = POLICY,
    *,
    witness: Witnessed | None = None,
) -> Lines:
    """Give the lines of an export, without its seal; registered as they stand in the frame.

    `late` are those that a period from before there were chains counted and never drew.
    """
    value = None if witness is None else witness.value
    sampler = Sampler(mixed(seed, value))
    drawn = sample(seed, frame, policy, value)
    sizes, amounts = Counter(frame.values()), Counter(frame[name] for name in drawn)
    header = WholeHeader(
        period="2026-05",
        first_day=DAYS[0],
        last_day=DAYS[1],
        commitment=Promised(seed, policy.model_dump_json(), CATALOGUE, *DAYS).commitment,
        commitment_form=2,
        seed=seed.hex(),
        policy=policy.model_dump_json(),
        catalogue=CATALOGUE,
        opened_at=OPENED,
        stamped_at=None,
        closed_at=CLOSED,
        closed_early=False,
        witness=witness,
        simulated=False,
        strata=tuple(
            Count(stratum=stratum, size=sizes[stratum], drawn=amounts[stratum])
            for stratum in sorted(sizes)
        ),
        chain=Chain(entries=0, closed=len(frame), head="0" * 64),
        heads=(),
    )

    def entry(name: str, stratum: str, *, is_late: bool) -> Entry:
        rate = policy.rule_of(Stratum.parse(stratum)).rate
        return Entry(
            decision=name,
            type="AufenthG-18b",
            stratum=stratum,
            decided=written(DECIDED),
            registered=written(DECIDED + timedelta(days=40 if is_late else 1)),
            ticket=sampler.ticket(name),
            probability=as_threshold(Decimal(0) if is_late else rate),
            drawn=drawn.get(name),
            late=is_late or stratum.startswith("late/"),
            corrected=False,
            withdrawn=False,
        )

    entries = [entry(name, stratum, is_late=False) for name, stratum in frame.items()]
    entries += [entry(name, "work/adverse/unit-a", is_late=True) for name in late]
    lines = [from_json(header.model_dump_json()), *(from_json(to_json(one)) for one in entries)]
    return chained(lines)


def chained(lines: Lines) -> Lines:
    """Chain a register, also one that was tampered with by whoever has the database."""
    before = beginning(str(lines[0]["period"]))
    for line in lines[1:]:
        before = linked(before, Registered(*(str(line[name]) for name in Registered._fields)))
    chain = from_json(to_json(lines[0]["chain"]))
    chain |= {"entries": len(lines) - 1, "head": before.hex()}
    return [lines[0] | {"chain": chain}, *lines[1:]]


def from_before(lines: Lines) -> Lines:
    """Give a record as it was before registers were chained."""
    first = {name: lines[0][name] for name in UnchainedHeader.model_fields} | {
        "format": "gleichfall-draw-2"
    }
    entries = [{name: line[name] for name in EarlierEntry.__annotations__} for line in lines[1:]]
    entries.sort(key=itemgetter("late", "stratum", "ticket", "decision"))
    return [first, *entries]


def sealed(lines: Lines, key: bytes = KEY) -> list[bytes]:
    """Sign a record; also one that was tampered with by whoever has the key."""
    text = [to_json(line) + b"\n" for line in lines]
    digest = hashlib.sha256(b"".join(text)).digest()
    seal = Seal(public_key=public_key_of(key).hex(), signature=sign(key, digest).hex())
    return [*text, seal.model_dump_json().encode() + b"\n"]


def is_authentic(seal: Seal, digest: bytes) -> bool:
    """Check a seal as the command does."""
    return is_signed(bytes.fromhex(seal.public_key), digest, bytes.fromhex(seal.signature))


def at(lines: Lines, found: Callable[[dict[str, object]], bool]) -> int:
    """Give the number of the first decision that is like this."""
    return next(number for number, line in enumerate(lines) if number and found(line))
