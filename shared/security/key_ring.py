"""A secret that can be exchanged while it is in use: the file holds the new one beside the old.

    <64 hexadecimal digits>          encrypts, and decrypts
    next <64 hexadecimal digits>     decrypts: will take its place
    old <64 hexadecimal digits>      decrypts: has had its place

Tokens and passwords stand there as they are shown: the first is shown, all are accepted. A key in
PEM takes as many lines as it has, with its name in the line before it. Every process reads the file
again when it has changed, and once more before it gives a ciphertext up. So an exchange needs no
restart.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import TypeAlias

from shared.security.secrets import (
    KEY_BYTES,
    SecretMalformed,
    SecretMissing,
    SecretName,
    SecretStore,
)

_ANOTHER = re.compile(r"\n(?=(?:next|old) )")


class Form(Enum):
    """How a secret is written."""

    DIGITS = auto()
    SHOWN = auto()
    PEM = auto()


_FORMS: Mapping[SecretName, Form] = MappingProxyType(
    {
        SecretName.HANDOVER_TOKEN: Form.SHOWN,
        SecretName.OWNER_DATABASE_PASSWORD: Form.SHOWN,
        SecretName.INTAKE_DATABASE_PASSWORD: Form.SHOWN,
        SecretName.CONTROLLING_DATABASE_PASSWORD: Form.SHOWN,
        SecretName.NOTIFY_DATABASE_PASSWORD: Form.SHOWN,
        SecretName.WORKBENCH_DATABASE_PASSWORD: Form.SHOWN,
        SecretName.DESK_DATABASE_PASSWORD: Form.SHOWN,
        SecretName.DKIM_RSA_PEM: Form.PEM,
    }
)
"""All others are the digits of a key."""

LOOK = timedelta(seconds=1)
"""How long a process may go on with what the file said before."""


class Place(StrEnum):
    """Where another key than the one that encrypts stands in its life."""

    NEXT = "next"
    OLD = "old"


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """What the file of one secret holds."""

    current: bytes
    others: Sequence[tuple[Place, bytes]] = ()
    form: Form = Form.DIGITS

    @classmethod
    def parse(cls, text: str, form: Form = Form.DIGITS) -> "Keys":
        """Read the file's content.

        Raises:
            ValueError: it is none of the above.
        """
        read = _READ[form]
        first, *rest = _ANOTHER.split(text)
        others = [one.split(" ", maxsplit=1) for one in rest]
        found = tuple((Place(place), read(written)) for place, written in others)
        return cls(read(first), found, form)

    @property
    def every(self) -> tuple[bytes, ...]:
        """All keys, the one that encrypts first."""
        return (self.current, *(key for _, key in self.others))

    @property
    def text(self) -> str:
        """The file's content."""
        write = bytes.hex if self.form is Form.DIGITS else bytes.decode
        others = [f"{place} {write(key)}\n" for place, key in self.others]
        return "".join([f"{write(self.current)}\n", *others])

    def with_next(self, key: bytes) -> "Keys":
        """Let another key stand beside the present one, to take its place."""
        return replace(self, others=((Place.NEXT, key), *self.others))

    @property
    def next(self) -> bytes | None:
        """The key that will take the place of the present one."""
        return next((key for place, key in self.others if place is Place.NEXT), None)

    def exchanged(self) -> "Keys":
        """Let the next key take the place of the present one, which stays beside it."""
        fresh = self.next
        assert fresh is not None
        kept = [(place, key) for place, key in self.others if place is Place.OLD]
        return replace(self, current=fresh, others=((Place.OLD, self.current), *kept))

    def alone(self) -> "Keys":
        """Give the present key up to no other one."""
        return replace(self, others=())


class KeyRing:
    """The keys of one secret, as its file holds them now."""

    def __init__(self, secrets: SecretStore, name: SecretName) -> None:
        """Read the file.

        Raises:
            SecretMissing, SecretMalformed: it can't be used.
        """
        self._secrets = secrets
        self._name = name
        self._keys = read_keys(secrets, name)
        self._looked_at = time.monotonic()

    @property
    def current(self) -> bytes:
        """The key that encrypts."""
        if time.monotonic() - self._looked_at > LOOK.total_seconds():
            self._look()
        return self._keys.current

    @property
    def every(self) -> tuple[bytes, ...]:
        """All keys, the one that encrypts first."""
        return (self.current, *self._keys.every[1:])

    def candidates(self) -> Iterator[bytes]:
        """Give keys that may decrypt; before it ends, those that came meanwhile."""
        tried = self.every
        yield from tried
        self._look()
        yield from (key for key in self._keys.every if key not in tried)

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        try:
            self._keys = read_keys(self._secrets, self._name)
        except (SecretMissing, SecretMalformed):
            return  # it is being written, or gone: what was there is still true


Key: TypeAlias = bytes | KeyRing
"""One key of 32 bytes, or a ring of them."""


def encrypting(key: Key) -> bytes:
    """Give the key that encrypts."""
    return key.current if isinstance(key, KeyRing) else key


def decrypting(key: Key) -> Iterator[bytes]:
    """Give the keys that may decrypt, the likeliest first."""
    return key.candidates() if isinstance(key, KeyRing) else iter((key,))


def read_keys(secrets: SecretStore, name: SecretName) -> Keys:
    """Read the keys of a secret that may have several.

    Raises:
        SecretMissing: The file isn't there or can't be read.
        SecretMalformed: The file holds something else.
    """
    text = secrets.text(name).get_secret_value()
    try:
        return Keys.parse(text, _FORMS.get(name, Form.DIGITS))
    except ValueError:
        raise SecretMalformed(
            f"the secret {secrets.directory / name.value} is not one key of {2 * KEY_BYTES} "
            "hexadecimal digits, or one token, password or key in PEM as it is, with 'next …' or "
            "'old …' below; put it back from the backup"
        ) from None


def _key(digits: str) -> bytes:
    key = bytes.fromhex(_line(digits).decode())
    if len(key) != KEY_BYTES:
        raise ValueError
    return key


def _line(text: str) -> bytes:
    if not text or len(text.splitlines()) > 1:
        raise ValueError
    return text.encode()


_READ = MappingProxyType({Form.DIGITS: _key, Form.SHOWN: _line, Form.PEM: str.encode})
