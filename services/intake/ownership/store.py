"""Cases and contacts belong to the system that brought them; others speak of them only if they may.

Whose a case is, its first event says: the ledger holds it anyway.
"""

from collections.abc import Sequence

from services.intake.screening import Candidate, Refusal
from shared.events.errors import Defect, FieldError
from shared.events.registry import Topic
from shared.postgres.pool import Connection
from shared.postgres.queries import load
from shared.security.identity import SourceSystem

QUERIES = load(__file__)
_CASE = FieldError("subject", "is a case that another system brought")
_CONTACT = FieldError("data.contact_ref", "is a contact that another system brought")


async def foreign(
    connection: Connection, candidates: Sequence[Candidate], system: SourceSystem
) -> list[Refusal]:
    """Refuse what speaks of a case, or names a contact, that isn't the system's."""
    if system.others or not candidates:
        return []
    cases = await _others_cases(connection, candidates, system)
    contacts = await _others_contacts(connection, candidates, system)
    return [
        Refusal(one.place, one.event.id, one.event.source, Defect.FOREIGN, tuple(fields))
        for one in candidates
        if (
            fields := [_CASE] * (one.event.subject in cases)
            + [_CONTACT] * (_contact(one) in contacts)
        )
    ]


async def contacts_of_others(
    connection: Connection, contacts: Sequence[str], system: SourceSystem
) -> frozenset[str]:
    """Give which of these contacts another system brought."""
    rows = await connection.fetch(QUERIES["contacts_of_others"], contacts, system.name)
    return frozenset(row["contact_ref"] for row in rows)


async def note_contacts(
    connection: Connection, contacts: Sequence[str], system: SourceSystem
) -> None:
    """Note that a system brought contacts which nobody brought before."""
    await connection.execute(QUERIES["note_contacts"], contacts, system.name)


async def is_contact_of(connection: Connection, contact: str, system: SourceSystem) -> bool:
    """Tell whether a system brought a contact."""
    return bool(await connection.fetchval(QUERIES["is_contact_of"], contact, system.name))


async def _others_cases(
    connection: Connection, candidates: Sequence[Candidate], system: SourceSystem
) -> frozenset[str]:
    cases = {one.event.subject for one in candidates if one.event.type.topic is Topic.CASE_EVENTS}
    if not cases:
        return frozenset()
    rows = await connection.fetch(QUERIES["brought_by"], sorted(cases))
    return frozenset(row["subject"] for row in rows if not system.allows(row["source"]))


async def _others_contacts(
    connection: Connection, candidates: Sequence[Candidate], system: SourceSystem
) -> frozenset[str]:
    named = {contact for one in candidates if (contact := _contact(one)) is not None}
    return await contacts_of_others(connection, sorted(named), system) if named else frozenset()


def _contact(candidate: Candidate) -> str | None:
    contact: str | None = getattr(candidate.event.data, "contact_ref", None)
    return contact
