"""Encrypted contacts and the keys that open them; each function is one or two statements."""

from collections.abc import Callable, Sequence

from pydantic import TypeAdapter
from pydantic_core import to_json

from services.notify.contacts.vault import StoredContact
from services.notify.message import Ended
from services.notify.states import WAITING
from shared.contacts.consent import Agreement
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)
_AGREEMENTS = TypeAdapter[tuple[Agreement, ...]](tuple[Agreement, ...])


async def keys_of(
    connection: Connection, contact_refs: Sequence[str], new_key: Callable[[str], bytes]
) -> dict[str, bytes]:
    """Give each recipient's wrapped data key, made now for those who have none.

    When two requests register a recipient at once, both get the key that was stored first.
    """
    known = await keys(connection, contact_refs)
    missing = sorted(set(contact_refs) - known.keys())
    if not missing:
        return known
    await connection.execute(QUERIES["keep_keys"], missing, [new_key(ref) for ref in missing])
    return known | await keys(connection, missing)


async def keys(connection: Connection, contact_refs: Sequence[str]) -> dict[str, bytes]:
    """Give the wrapped data keys of those recipients who have one, by contact_ref."""
    rows = await connection.fetch(QUERIES["keys"], contact_refs)
    return {row["contact_ref"]: row["wrapped_key"] for row in rows}


async def put_contacts(connection: Connection, contacts: Sequence[StoredContact]) -> None:
    """Store or replace contacts."""
    await connection.execute(
        QUERIES["put_contacts"],
        [contact.contact_ref for contact in contacts],
        [contact.ciphertext for contact in contacts],
        [",".join(contact.channels) for contact in contacts],
        [contact.language for contact in contacts],
        [to_json(contact.addresses).decode() for contact in contacts],
        [",".join(contact.preferred) for contact in contacts],
        [_AGREEMENTS.dump_json(contact.agreements).decode() for contact in contacts],
    )
    named = [(one.contact_ref, party) for one in contacts for party in one.parties]
    await connection.execute(QUERIES["drop_parties"], [one.contact_ref for one in contacts])
    await connection.execute(
        QUERIES["put_parties"],
        [party.case for _, party in named],
        [named_by for named_by, _ in named],
        [party.contact_ref for _, party in named],
        [party.capacity for _, party in named],
        [party.copied for _, party in named],
        [party.basis for _, party in named],
    )


async def unname(connection: Connection, contact_ref: str) -> set[str]:
    """Forget that somebody is told about the cases of others; gives these others."""
    return {row["named_by"] for row in await connection.fetch(QUERIES["unname"], contact_ref)}


async def erase(connection: Connection, contact_ref: str) -> list[Ended]:
    """Destroy a recipient's key and all that is encrypted under it; gives what waited for them.

    Of their messages state, times and hash are left.
    """
    rows = await connection.fetch(QUERIES["end_erased"], contact_ref, sorted(WAITING))
    await connection.execute(QUERIES["erase"], contact_ref)
    return [Ended.of(row) for row in rows]
