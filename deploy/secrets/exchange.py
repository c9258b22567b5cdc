"""Exchanges secrets under which nothing is stored, while the services work on.

The new one is accepted beside the present one before anybody uses it, and the old one beside the
new until nobody does. Where an exchange stands is told by the files, so one that was interrupted is
gone on with by beginning it again.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

import asyncpg

from deploy.secrets import store as stored
from deploy.secrets.files import rsa_pem
from deploy.secrets.ring_file import RingFile, heard
from shared.errors import PermanentError
from shared.postgres.keys import exchange_proof
from shared.postgres.pool import Login, role_name
from shared.security import signatures
from shared.security.key_ring import KeyRing, Keys, Place
from shared.security.sealing import new_sealing_pair, public_key_of
from shared.security.secrets import KEY_BYTES, SecretName, SecretStore

IN_HAND = timedelta(seconds=15)
"""No call between our services takes longer: what began with the old one has ended."""

_PRIVATE = SecretName.CONTACT_SEALING_PRIVATE_KEY
_PUBLIC = SecretName.CONTACT_SEALING_PUBLIC_KEY
_Tell = Callable[[str], None]
_Exchange = Callable[[asyncpg.Connection, SecretStore, SecretName, _Tell], Awaitable[None]]
_Publication = Callable[[SecretStore, str | None, _Tell], Awaitable[None]]


class NotNext(PermanentError):
    """The key that is said to be published isn't the one that would take its place."""

    def __init__(self, name: SecretName, published: str) -> None:
        super().__init__(
            f"no new {name.value} goes by {published!r}; nothing was changed. "
            f"'gleichfall secrets rotate {name.value}' says which one waits, or makes one"
        )


async def exchange(
    connection: asyncpg.Connection, store: SecretStore, name: SecretName, tell: _Tell
) -> None:
    """Exchange one of `EXCHANGED` from wherever its exchange stands.

    Args:
        connection: The operator's.
        store: The folder of the secrets that the services read.
        name: Which.
        tell: Told each step.

    Raises:
        ExchangeRuns: another one is at work.
        SecretMissing, SecretMalformed, SecretsFileUnwritable: a file can't be used.
    """
    await stored.take_turn(connection)
    await EXCHANGED[name](connection, store, name, tell)


async def exchange_published(
    connection: asyncpg.Connection,
    store: SecretStore,
    name: SecretName,
    published: str | None,
    tell: _Tell,
) -> None:
    """Exchange one of `PUBLISHED` as far as people outside have come.

    Without the word that it is published the new key waits beside the present one, however often
    this runs: what was interrupted must not be taken for people's work.

    Args:
        connection: The operator's.
        store: The folder of the secrets that the services read.
        name: Which.
        published: What the new key was said to go by, once they know it outside.
        tell: Told each step.

    Raises:
        ExchangeRuns: another one is at work.
        NotNext: no key that goes by that word waits.
        SecretMissing, SecretMalformed, SecretsFileUnwritable: a file can't be used.
    """
    await stored.take_turn(connection)
    await PUBLISHED[name](store, published, tell)


def owner_login(database_url: str, store: SecretStore) -> Login:
    """Let the owner sign in with what fits: of an exchange that was interrupted, either may.

    Raises:
        SecretMissing, SecretMalformed, SecretsFileUnwritable: the file can't be used.
    """
    RingFile(store, SecretName.OWNER_DATABASE_PASSWORD).recover()
    return Login(database_url, KeyRing(store, SecretName.OWNER_DATABASE_PASSWORD))


async def _token(_: asyncpg.Connection, store: SecretStore, name: SecretName, tell: _Tell) -> None:
    file = _begun(store, name, secrets.token_urlsafe(KEY_BYTES).encode(), tell)
    if file.keys.next is not None:
        await heard()
        file.write(file.keys.exchanged())
        tell("it is shown from now on; the old one is still accepted")
    await heard(IN_HAND)
    await _end(file, tell)


async def _password(
    connection: asyncpg.Connection, store: SecretStore, name: SecretName, tell: _Tell
) -> None:
    file = _begun(store, name, secrets.token_urlsafe(KEY_BYTES).encode(), tell)
    if (fresh := file.keys.next) is not None:
        await heard()
        role = role_name(name.removesuffix("_database_password"))
        await stored.change_password(connection, role, fresh.decode())
        tell(f"{role} signs in with it from now on; connections that are open stay")
        file.write(file.keys.exchanged())
    await heard()
    await _end(file, tell)


async def _own_password(
    connection: asyncpg.Connection, store: SecretStore, name: SecretName, tell: _Tell
) -> None:
    """Exchange the password of whoever is connected: nobody else needs it meanwhile."""
    file = _begun(store, name, secrets.token_urlsafe(KEY_BYTES).encode(), tell)
    if (fresh := file.keys.next) is not None:
        role = await stored.whoever_is_connected(connection)
        await stored.change_password(connection, role, fresh.decode())
        tell(f"{role} signs in with it from now on; connections that are open stay")
        file.write(file.keys.exchanged())
    await _end(file, tell)


async def _sealing_pair(
    connection: asyncpg.Connection, store: SecretStore, _: SecretName, tell: _Tell
) -> None:
    private, public = RingFile(store, _PRIVATE), RingFile(store, _PUBLIC)
    public.recover()
    file = _begun(store, _PRIVATE, new_sealing_pair()[1], tell)
    if (fresh := file.keys.next) is not None:
        await heard()
        if public.keys.current != public_key_of(fresh):
            public.write(Keys(public_key_of(fresh), ((Place.OLD, public.keys.current),)))
        private.write(private.keys.exchanged())
        tell("intake seals for it from now on; notify still opens what was sealed for the old one")
    await heard(IN_HAND)
    for service, one in (("intake", public), ("notify", private)):
        await stored.enter(connection, service)
        await exchange_proof(connection, one.name, one.keys.current)
    public.write(public.keys.alone())
    await _end(private, tell)


async def _key_of_others(store: SecretStore, published: str | None, tell: _Tell) -> None:
    """Exchange a key that somebody outside uses: when they do, only they know."""
    name = SecretName.MAIL_REPORT_KEY
    file = _first_run(store, name, secrets.token_bytes(KEY_BYTES), published)
    if (fresh := file.keys.next) is not None:
        sign = hashlib.sha256(fresh).hexdigest()[:8]
        if published is None:
            tell(
                f"a new {name.value} stands in {store.directory / name.value} behind 'next', and "
                "is accepted beside the present one. Give it to whoever signs with it; once they "
                f"do, run this again with '--published {sign}', and the old one is refused"
            )
            return
        _take_place(file, sign, published)
    await _end(file, tell)


async def _signing_key(store: SecretStore, published: str | None, tell: _Tell) -> None:
    """Exchange the key that signs mails: when the DNS has its record, only people know."""
    named_key = f"key-{secrets.token_hex(4)}\n{rsa_pem()}".encode()
    file = _first_run(store, SecretName.DKIM_RSA_PEM, named_key, published)
    if (fresh := file.keys.next) is not None:
        selector = fresh.decode().partition("-----BEGIN")[0].strip()
        if published is None:
            tell(
                f"a new key with the selector {selector} stands beside the present one, which goes "
                "on signing. Put the record that 'gleichfall messages dkim' prints into the DNS, "
                "beside the old one; when name servers give it, run this again with "
                f"'--published {selector}'"
            )
            return
        _take_place(file, selector, published)
    await heard()
    file.write(file.keys.alone())
    tell(
        "mails are signed with the new key from now on; the old one is gone from the file. Leave "
        "its record in the DNS for a week: mails are on their way"
    )


async def _draw_key(store: SecretStore, published: str | None, tell: _Tell) -> None:
    """Exchange the key that signs draws: when auditors know its public key, only people know."""
    name = SecretName.DRAW_SIGNING_KEY
    file = _first_run(store, name, secrets.token_bytes(KEY_BYTES), published)
    before = signatures.public_key_of(file.keys.current).hex()
    if (fresh := file.keys.next) is not None:
        new = signatures.public_key_of(fresh).hex()
        if published is None:
            tell(
                f"a new {name.value} stands beside the present one, which goes on signing. Publish "
                f"its public key {new} beside the present {before}; then run this again with "
                f"'--published {new[:8]}'"
            )
            return
        _take_place(file, new[:8], published)
        tell(f"go on publishing {before}: exports from before are verified with it")
    file.write(file.keys.alone())
    tell("exports are signed with the new key from now on; the old one is gone from the file")


EXCHANGED: Mapping[SecretName, _Exchange] = MappingProxyType(
    {
        _PRIVATE: _sealing_pair,
        SecretName.HANDOVER_TOKEN: _token,
        SecretName.OWNER_DATABASE_PASSWORD: _own_password,
        SecretName.INTAKE_DATABASE_PASSWORD: _password,
        SecretName.CONTROLLING_DATABASE_PASSWORD: _password,
        SecretName.NOTIFY_DATABASE_PASSWORD: _password,
        SecretName.WORKBENCH_DATABASE_PASSWORD: _password,
        SecretName.DESK_DATABASE_PASSWORD: _password,
    }
)
"""How each is exchanged; the sealing pair goes by its private key."""

PUBLISHED: Mapping[SecretName, _Publication] = MappingProxyType(
    {
        SecretName.MAIL_REPORT_KEY: _key_of_others,
        SecretName.DKIM_RSA_PEM: _signing_key,
        SecretName.DRAW_SIGNING_KEY: _draw_key,
    }
)
"""How those are exchanged that somebody outside must know first."""


def _begun(store: SecretStore, name: SecretName, fresh: bytes, tell: _Tell) -> RingFile:
    file = RingFile(store, name)
    file.recover()
    if not file.keys.others:
        file.write(file.keys.with_next(fresh))
        tell(f"a new {name.value} stands beside the present one")
    return file


def _first_run(
    store: SecretStore, name: SecretName, fresh: bytes, published: str | None
) -> RingFile:
    """Put the next key beside the present one, unless one stands there, or is said to."""
    file = RingFile(store, name)
    file.recover()
    if not file.keys.others:
        if published is not None:
            raise NotNext(name, published)
        file.write(file.keys.with_next(fresh))
    return file


def _take_place(file: RingFile, word: str, published: str) -> None:
    if published != word:
        raise NotNext(file.name, published)
    file.write(file.keys.exchanged())


async def _end(file: RingFile, tell: _Tell) -> None:
    file.write(file.keys.alone())
    await heard()
    tell(f"the old {file.name.value} is gone from the file, and refused from now on")
