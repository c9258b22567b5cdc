"""Secrets, each in one file of `$GLEICHFALL_SECRETS_DIR`; there are no defaults."""

import os
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path
from typing import Self

from pydantic import SecretBytes, SecretStr

from shared.errors import PermanentError

DIRECTORY_VARIABLE = "GLEICHFALL_SECRETS_DIR"
KEY_BYTES = 32


class SecretName(StrEnum):
    """Every secret of the system; its lower-case name is the name of its file."""

    OWNER_DATABASE_PASSWORD = auto()
    INTAKE_DATABASE_PASSWORD = auto()
    CONTROLLING_DATABASE_PASSWORD = auto()
    NOTIFY_DATABASE_PASSWORD = auto()
    WORKBENCH_DATABASE_PASSWORD = auto()
    DESK_DATABASE_PASSWORD = auto()
    SOURCE_TOKENS = auto()
    CLIENT_TOKEN = auto()
    HANDOVER_TOKEN = auto()
    MAIL_REPORT_KEY = auto()
    DKIM_RSA_PEM = auto()
    PSEUDONYM_KEY = auto()
    SEED_ENCRYPTION_KEY = auto()
    DRAW_SIGNING_KEY = auto()
    CONTACT_MASTER_KEY = auto()
    SMS_GATEWAYS = auto()
    FIT_CONNECT = auto()
    CONTACT_SEALING_PUBLIC_KEY = auto()
    CONTACT_SEALING_PRIVATE_KEY = auto()


class SecretMissing(PermanentError):
    """A secret, or the folder of all secrets, isn't there or can't be read."""


class SecretMalformed(PermanentError):
    """A secret is there but isn't what its name promises; the message never quotes it."""


@dataclass(frozen=True, slots=True)
class SecretStore:
    """The folder that holds one file per secret.

    The container platform mounts such files readable for their reader only, or as 0444 in a
    private memory file system; `gleichfall secrets create` writes 0600.
    """

    directory: Path

    @classmethod
    def from_environment(cls) -> Self:
        """Find the folder that the environment names.

        Raises:
            SecretMissing: `GLEICHFALL_SECRETS_DIR` isn't set.
        """
        directory = os.environ.get(DIRECTORY_VARIABLE)
        if not directory:
            raise SecretMissing(
                f"{DIRECTORY_VARIABLE} is not set; it names the folder of the secrets, "
                "which 'gleichfall secrets create DIR' makes"
            )
        return cls(Path(directory))

    def text(self, name: SecretName) -> SecretStr:
        """Read a password, token or document, without the line break at its end.

        Raises:
            SecretMissing: The file isn't there or can't be read.
            SecretMalformed: The file is empty or not UTF-8.
        """
        path = self.directory / name.value
        try:
            text = path.read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise SecretMissing(
                f"cannot read the secret {path}: {error.strerror}; "
                f"'gleichfall secrets create {self.directory}' makes what is missing"
            ) from error
        except UnicodeDecodeError:
            raise SecretMalformed(f"the secret {path} is not UTF-8 text") from None
        if not text:
            raise SecretMalformed(f"the secret {path} is empty; {self._remedy()}")
        return SecretStr(text)

    def key(self, name: SecretName) -> SecretBytes:
        """Read a key of 32 bytes, written as 64 hexadecimal digits.

        Raises:
            SecretMissing: The file isn't there or can't be read.
            SecretMalformed: The file holds something else.
        """
        try:
            key = bytes.fromhex(self.text(name).get_secret_value())
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise SecretMalformed(
                f"the secret {self.directory / name.value} is not a key of "
                f"{2 * KEY_BYTES} hexadecimal digits; {self._remedy()}"
            )
        return SecretBytes(key)

    def _remedy(self) -> str:
        return f"remove it and run 'gleichfall secrets create {self.directory}'"
