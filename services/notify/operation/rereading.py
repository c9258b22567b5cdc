"""Writes a message that left once more: the same bytes, until its retention ends."""

import hmac
from uuid import UUID

from services.notify import store
from services.notify.contacts.vault import Vault
from services.notify.errors import (
    MessageNotFound,
    NeverLeft,
    NothingLeft,
    WrittenOtherwise,
)
from services.notify.operation.edition import opened
from services.notify.sending.opening import Preparation
from services.notify.store import QUERIES
from shared.postgres.pool import Connection


async def write_again(connection: Connection, vault: Vault, message: UUID) -> bytes:
    """Give what a provider took, after comparing it with the hash of that time.

    Of a mail that is all but its DKIM signature, which holds the time of signing.

    Raises:
        MessageNotFound: There is no such message.
        NeverLeft: No copy was kept, because no provider took it.
        NothingLeft: Its retention has ended, or its person was erased.
        WrittenOtherwise: The bytes would be others, because software has changed.
    """
    row = await connection.fetchrow(QUERIES["past"], message)
    if row is None:
        raise MessageNotFound(message)
    if row["digest"] is None:
        raise NeverLeft(message)
    if row["sealed"] is None or row["wrapped_key"] is None:
        raise NothingLeft(message, row["digest"].hex())
    claim = store.claim_of(row)
    key = vault.key_of(row["contact_ref"], row["wrapped_key"])
    edition = opened(row["document"])
    preparation = Preparation(
        vault,
        edition.messages,
        edition.stationery,
        edition.organisation,
        edition.sender,
        edition=b"",
    )
    content = preparation.again(claim, key.unseal(claim.thread, row["sealed"]))
    if not hmac.compare_digest(key.digest(content), row["digest"]):
        raise WrittenOtherwise(message, edition.renewed)
    return content
