"""Who is told about a case, and how they can and want to be reached."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import TypeAdapter

from services.notify.recipients.addressees import NamedParty
from services.notify.recipients.preferences import Wishes
from services.notify.recipients.suppression import Bounce, Hardness, is_suppressed
from shared.contacts.consent import Agreement
from shared.contacts.party import Capacity
from shared.events.vocabulary import Channel
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
_AGREEMENTS = TypeAdapter[tuple[Agreement, ...]](tuple[Agreement, ...])


async def recipients(connection: Connection, case_refs: Sequence[str]) -> dict[str, str]:
    """Give the recipient of each case that has one, by case_ref."""
    rows = await connection.fetch(QUERIES["recipients"], case_refs)
    return {row["case_ref"]: row["contact_ref"] for row in rows}


async def parties(connection: Connection, case_refs: Sequence[str]) -> dict[str, list[NamedParty]]:
    """Give who is named for these cases, by case_ref."""
    found: defaultdict[str, list[NamedParty]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["parties"], case_refs):
        found[row["case_ref"]].append(
            NamedParty(
                row["named_by"], row["contact_ref"], Capacity(row["capacity"]), row["copied"]
            )
        )
    return found


async def put_recipients(connection: Connection, by_case: Mapping[str, str]) -> None:
    """Remember who is told about these cases."""
    if by_case:
        await connection.execute(
            QUERIES["put_recipients"], list(by_case.keys()), list(by_case.values())
        )


async def wishes(
    connection: Connection, contact_refs: Sequence[str], carried: frozenset[Channel]
) -> dict[str, Wishes]:
    """Give how these recipients can and want to be reached; unknown ones are left out.

    So are ways that nobody carries, and those whose address gets nothing any more.
    """
    rows = await connection.fetch(QUERIES["wishes"], contact_refs)
    closed = await suppressed(connection, contact_refs)
    return {
        row["contact_ref"]: Wishes(
            row["language"],
            (carried & set(map(Channel, row["channels"]))) - closed.get(row["contact_ref"], set()),
            tuple(map(Channel, row["preferred"])),
            {one.channel: one.consent for one in _AGREEMENTS.validate_json(row["agreements"])},
        )
        for row in rows
    }


async def suppressed(
    connection: Connection, contact_refs: Sequence[str]
) -> dict[str, set[Channel]]:
    """Give the ways whose present address gets nothing any more, by recipient."""
    found: defaultdict[tuple[str, Channel], list[Bounce]] = defaultdict(list)
    for row in await connection.fetch(QUERIES["bounces"], contact_refs):
        bounce = Bounce(Hardness[row["hardness"]], row["at"])
        found[row["contact_ref"], Channel(row["channel"])].append(bounce)
    closed: defaultdict[str, set[Channel]] = defaultdict(set)
    now = datetime.now(UTC)
    for (contact_ref, channel), bounces in found.items():
        if is_suppressed(bounces, now):
            closed[contact_ref].add(channel)
    return closed
