"""A signature is what exactly one key made of exactly one message, in exactly one form.

The cases of others, in `ed25519.json`, are facts: key, message, signature, and whether a strict
check confirms it. Where sources leave it open, a point of small order, or written otherwise than
RFC 8032 does, is refused, and so is a sum that holds only times the cofactor:
- ed25519-speccheck 0-11: the twelve of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko,
  2020, table 5), github.com/novifinancial/ed25519-speccheck, commit 65519336;
- Wycheproof: `testvectors_v1/ed25519_test.json`, github.com/C2SP/wycheproof, commit dac1dd47;
- CCTV: one of each set of flags of `ed25519/ed25519vectors.json`, github.com/C2SP/CCTV, commit
  1e3d2860.
"""

import json
import runpy
from pathlib import Path

import pytest

from shared.configuration.places import ROOT
from shared.security.signatures import is_signed, public_key_of, sign

CASES = json.loads(Path(__file__).with_name("ed25519.json").read_text(encoding="utf-8"))
AUDITORS = runpy.run_path(str(ROOT / "docs" / "guide" / "auditors" / "verify.py"))["signed"]


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["source"])
def test_what_others_found_hard_is_confirmed_or_refused_by_both_checks(
    case: dict[str, str | bool],
) -> None:
    key, message, signature = (
        bytes.fromhex(str(case[name])) for name in ("key", "message", "signature")
    )
    assert is_signed(key, message, signature) is case["valid"]
    if len(signature) == 64:  # another length is no line of an export
        assert AUDITORS(key, signature, message) is case["valid"]


def test_whoever_signed_is_known_by_the_key_and_nobody_else() -> None:
    key = bytes(range(32))
    signature = sign(key, b"one")
    assert is_signed(public_key_of(key), b"one", signature)
    assert not is_signed(public_key_of(key), b"another", signature)
    assert not is_signed(public_key_of(bytes(32)), b"one", signature)
