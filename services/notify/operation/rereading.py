"""Writes a message that left once more: the same bytes, until its retention ends. Pure."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from services.notify.contacts.vault import Vault
from services.notify.message import Claim
from services.notify.messages.materials import Materials
from services.notify.operation.edition import opened
from services.notify.operation.errors import NeverLeft, NothingLeft, WrittenOtherwise
from services.notify.sending.carrier import Content
from shared.contacts.contact import Contact
from shared.events.vocabulary import Channel

Write = Callable[[Materials, Claim, Contact], Content | None]


@dataclass(frozen=True, slots=True)
class Past:
    """A message with what is kept of it.

    Attributes:
        digest: Of the bytes that a provider took, under its recipient's key.
        edition: What it was written with.
    """

    claim: Claim
    digest: bytes | None
    edition: str | None


def write_again(past: Past, vault: Vault, writers: Mapping[Channel, Write]) -> bytes:
    """Give what a provider took, after comparing it with the hash of that time.

    Of a mail that is all but its DKIM signature, which holds the time of signing.

    Raises:
        NeverLeft: No copy was kept, because no provider took it.
        NothingLeft: Its retention has ended, or its person was erased.
        WrittenOtherwise: The bytes would be others, because software has changed.
        PermanentError: It can't be written any more.
    """
    claim, message = past.claim, past.claim.attempt.id
    if past.digest is None or past.edition is None:
        raise NeverLeft(message)
    if claim.sealed is None or claim.wrapped_key is None:
        raise NothingLeft(message, past.digest.hex())
    key = vault.key_of(claim.attempt.contact_ref or "", claim.wrapped_key)
    told = key.unseal(claim.thread, claim.sealed)
    assert told.contact is not None
    edition = opened(past.edition)
    write = writers[claim.attempt.channel]
    parcel = write(edition.materials, replace(claim, facts=told.facts), told.contact)
    assert parcel is not None
    if not hmac.compare_digest(key.digest(parcel.content), past.digest):
        raise WrittenOtherwise(message, edition.renewed)
    return parcel.content
