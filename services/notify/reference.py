"""A short code for a case, to be read out at the telephone, where its source gave no reference.

Made from the case's pseudonym alone, so nothing has to be kept. Crockford's base 32: no letter
looks or sounds like a digit.
"""

import re
from hashlib import sha256

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HEARD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_LENGTH = 8
_CODE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}")
BYTES = 5
"""So many of the hash stand in a code: eight characters of five bits."""


def code_of(case_ref: str) -> str:
    """Give the code of a case: `K7M4-2XQP`."""
    number = int.from_bytes(sha256(case_ref.encode()).digest()[:BYTES])
    code = "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    return f"{code[:4]}-{code[4:]}"


def hash_of(said: str) -> bytes | None:
    """Give what a code says of its case, however it was heard; None if it is no code."""
    code = said.upper().translate(_HEARD)
    if _CODE.fullmatch(code) is None:
        return None
    number = 0
    for letter in code:
        number = number << 5 | _ALPHABET.index(letter)
    return number.to_bytes(BYTES)
