"""The private keys of the service and of the owner of the mailboxes."""

import json
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any

from joserfc.jwk import RSAKey

_BITS = 4096


@cache  # to check the three as they are read takes longer than anything else here
def keys_in(file: Path) -> "Keys":
    """Give the keys that a file keeps, made when they are first asked for."""
    return Keys(file)


class Keys:
    """All of them, kept in a file."""

    def __init__(self, file: Path) -> None:
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        made = {
            name: RSAKey.import_key(found[name]) if name in found else _new_key(name)
            for name in ("encryption", "destination", "service")
        }
        if not found:
            file.touch(mode=0o600)
            kept = {name: key.as_dict(private=True) for name, key in made.items()}
            file.write_text(json.dumps(kept))
        self.encryption, self.destination, self.service = made.values()


def _new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(_BITS, {"kid": f"{name}-{token_hex(8)}"})
