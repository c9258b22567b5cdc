"""Files in which the signature, or the form of a line, isn't what it has to be."""

import hashlib
import re
from collections.abc import Callable, Iterator

from pydantic_core import from_json, to_json

from services.controlling.proof.fault import FaultKind as F
from services.controlling.proof.line import LONGEST
from shared.security.signatures import public_key_of, sign
from tests.unit.services.controlling.proof.records import KEY, Lines, register, sealed
from tests.unit.services.controlling.proof.tampered import (
    REGISTERED,
    SEED,
    Tampered,
    earlier,
    honest,
    seal,
    signed,
    stamped,
)

ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD = 2**255 - 19
IDENTITY = (1).to_bytes(32, "little")
ORDER_EIGHT = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")

# Signatures: what is signed is honest.


def secret_scalar() -> int:
    """Give the number behind the public key (RFC 8032, 5.1.5)."""
    hashed = bytearray(hashlib.sha512(KEY).digest()[:32])
    hashed[0] &= 248
    hashed[31] = hashed[31] & 127 | 64
    return int.from_bytes(hashed, "little")


def challenge(first: bytes, public_key: bytes, digest: bytes) -> int:
    hashed = hashlib.sha512(first + public_key + digest).digest()
    return int.from_bytes(hashed, "little") % ORDER


def signatures() -> Iterator[tuple[str, bytes, bytes]]:
    """Give pairs of key and signature under which no verifier may confirm the honest file."""
    digest = hashlib.sha256(b"".join(sealed(honest())[:-1])).digest()
    key, right = public_key_of(KEY), sign(KEY, digest)
    s = int.from_bytes(right[32:], "little")
    yield "S beyond the order", key, right[:32] + (s + ORDER).to_bytes(32, "little")
    yield "S far beyond the order", key, right[:32] + (s + 8 * ORDER).to_bytes(32, "little")
    yield "all zero", key, bytes(64)
    yield "another file's signature", key, sign(KEY, b"another")
    yield "another key's signature", public_key_of(bytes(32)), right
    yield "a key of order one", IDENTITY, IDENTITY + bytes(32)
    yield "a key of order four", bytes(32), bytes(32) + bytes(32)
    yield "a key of order eight", ORDER_EIGHT, IDENTITY + bytes(32)
    yield "a key beyond the field", (FIELD + 1).to_bytes(32, "little"), IDENTITY + bytes(32)
    yield (
        "a key with the sign of nothing",
        (2**255 + 1).to_bytes(32, "little"),
        IDENTITY + bytes(32),
    )
    yield "a key off the curve", (2).to_bytes(32, "little"), right
    answer = challenge(IDENTITY, key, digest) * secret_scalar() % ORDER
    yield "R of order one", key, IDENTITY + answer.to_bytes(32, "little")
    first = (FIELD + 1).to_bytes(32, "little")
    answer = challenge(first, key, digest) * secret_scalar() % ORDER
    yield "R beyond the field", key, first + answer.to_bytes(32, "little")
    yield "R with another sign", key, right[:31] + bytes([right[31] ^ 128]) + right[32:]


# Forms: each file is signed as it stands, by whoever holds the key.

Rewrite = Callable[[list[bytes]], list[bytes]]


def line(number: int, was: str, becomes: str) -> Rewrite:
    """Replace a part of a line, by a pattern; 0 is the header, -1 the last decision."""

    def rewrite(lines: list[bytes]) -> list[bytes]:
        found, times = re.subn(was, lambda _: becomes, lines[number].decode(), count=1)
        assert times == 1, was
        return [*lines[:number], found.encode(), *lines[number:][1:]]

    return rewrite


def whole(change: Callable[[bytes], bytes]) -> Rewrite:
    """Change the bytes of everything before the seal."""
    return lambda lines: [change(b"".join(lines))]


def policy(was: str, becomes: str) -> Rewrite:
    """Replace a part of the policy's text, which is JSON inside of JSON."""
    return line(0, re.escape(was.replace('"', '\\"')), becomes.replace('"', '\\"'))


def swap_fields(lines: list[bytes]) -> list[bytes]:
    decision = from_json(lines[1])
    late = decision.pop("late")
    return [lines[0], to_json({"late": late, **decision}) + b"\n", *lines[2:]]


DEEP = "[" * 2_000 + "]" * 2_000
FORMS: dict[str, Rewrite] = {
    "lines end as in Windows": whole(lambda body: body.replace(b"\n", b"\r\n")),
    "a mark of byte order": whole(lambda body: b"\xef\xbb\xbf" + body),
    "UTF-16": whole(lambda body: body.decode().encode("utf-16")),
    "an empty line first": whole(lambda body: b"\n" + body),
    "an empty line between": lambda lines: [*lines[:3], b"\n", *lines[3:]],
    "two first lines": lambda lines: [lines[0], *lines],
    "no first line": lambda lines: lines[1:],
    "a zero byte": line(0, '"period"', '"period\0"'),
    "two objects in a line": lambda lines: [lines[0], lines[1][:-1] + lines[2], *lines[3:]],
    "an object over two lines": line(1, ",", ",\n"),
    "something behind the object": line(1, "\n", "x\n"),
    "a space": line(1, ",", ", "),
    "a space behind": line(0, "}\n", "} \n"),
    "an escape that isn't needed": line(1, "decision-", "\\u0064ecision-"),
    "half a character": line(0, '"footnotes":\\[', '"footnotes":["\\ud800"'),
    "half a character, in capitals": line(0, '"footnotes":\\[', '"footnotes":["\\uDFFF"'),
    "half a character as bytes": lambda lines: [
        lines[0].replace(b'"footnotes":[', b'"footnotes":["\xed\xa0\x80"'), *lines[1:]],
    "bytes that are no text": lambda lines: [
        lines[0].replace(b'"footnotes":[', b'"footnotes":["\xff"'), *lines[1:]],
    "a letter in too many bytes": lambda lines: [
        lines[0].replace(b'"footnotes":[', b'"footnotes":["\xc1\xa1"'), *lines[1:]],
    "a key twice in the header": line(0, '"seed":', f'"seed":"{"0" * 64}","seed":'),
    "a key twice in a decision": line(1, '"late":', '"late":true,"late":'),
    "a key more in the header": line(0, '"seed":', '"note":null,"seed":'),
    "a key more in a decision": line(1, '"late":', '"officer":"x","late":'),
    "a key more in a count": line(0, '"size":', '"units":1,"size":'),
    "a key of JavaScript's": line(1, '"late":', '"__proto__":null,"late":'),
    "a key less in the header": line(0, ',"closed_early":(true|false)', ""),
    "a key less in a decision": line(1, ',"corrected":false', ""),
    "keys in another order": swap_fields,
    "no number": line(0, '"size":[0-9]+', '"size":NaN'),
    "a number without end": line(0, '"size":[0-9]+', '"size":Infinity'),
    "a fraction": line(0, '"size":30', '"size":30.0'),
    "an exponent": line(0, '"size":30', '"size":3e1'),
    "a zero before": line(0, '"size":30', '"size":030'),
    "less than nothing": line(0, '"size":30', '"size":-1'),
    "nothing, less": line(0, '"drawn":[0-9]+', '"drawn":-0'),
    "a huge number": line(0, '"size":30', f'"size":{"9" * 400}'),
    "a number of 5,000 digits": line(0, '"size":30', f'"size":{"9" * 5_000}'),
    "a number as text": line(0, '"size":30', '"size":"30"'),
    "true for one": line(0, '"size":30', '"size":true'),
    "true for a form": line(0, '"commitment_form":2', '"commitment_form":true'),
    "a form that there isn't": line(0, '"commitment_form":2', '"commitment_form":3'),
    "one for true": line(1, '"late":false', '"late":0'),
    "a word for false": line(1, '"late":false', '"late":"false"'),
    "nothing for a text": line(0, '"seed":"[0-9a-f]+"', '"seed":null'),
    "deep nesting": line(0, '"footnotes":\\[', f'"footnotes":[{DEEP}'),
    "a list for an object": lambda lines: [lines[0], b"[]\n", *lines[2:]],
    "quotes of Python's": whole(lambda body: body.replace(b'"', b"'")),
    "another format": line(0, "gleichfall-draw-[23]", "gleichfall-draw-9"),
    "the first format": line(0, "gleichfall-draw-[23]", "gleichfall-draw-1"),
    "hexadecimal in capitals": lambda lines: [
        re.sub(b'"seed":"[0-9a-f]+"', lambda found: found[0].upper().replace(b"SEED", b"seed"),
               lines[0]), *lines[1:]],
    "no hexadecimal": line(0, '"commitment":"[0-9a-f]', '"commitment":"g'),
    "a digit too few": line(0, '"commitment":"[0-9a-f]', '"commitment":"'),
    "a day that there isn't": line(0, '"first_day":"2026-05-01"', '"first_day":"2026-02-30"'),
    "a day in short": line(0, '"first_day":"2026-05-01"', '"first_day":"2026-5-1"'),
    "a day as a number": line(0, '"first_day":"2026-05-01"', '"first_day":"1777593600"'),
    "a moment by another clock": line(0, "2026-04-02T08:00:00Z", "2026-04-02T10:00:00+02:00"),
    "a moment without a clock": line(0, "2026-04-02T08:00:00Z", "2026-04-02T08:00:00"),
    "a moment at twenty-four": line(0, "2026-04-02T08:00:00Z", "2026-04-01T24:00:00Z"),
    "a second more": line(0, "2026-04-02T08:00:00Z", "2026-04-02T08:00:60Z"),
    "three digits of a second": line(0, "2026-04-02T08:00:00Z", "2026-04-02T08:00:00.000Z"),
    "a year before there were computers": line(0, "2026-04-02T08", "0026-04-02T08"),
    "a stratum counted twice": line(
        0, '"strata":\\[', '"strata":[{"stratum":"work/adverse/unit-a","size":0,"drawn":0},'),
    "a stratum without direction": line(1, "/(adverse|favourable)/", "/"),
    "a stratum with a line break": line(1, '"stratum":"[a-z]+', '"stratum":"a\\nb'),
    "a stratum of one group in two": line(1, '"stratum":"[a-z-]+', '"stratum":"work(a:b)c'),
    "a ticket with a line break": line(1, '"ticket":"([0-9.]+)"', '"ticket":"0.1\\n"'),
    "a ticket in Arabic digits": line(1, '"ticket":"[0-9.]+"', '"ticket":"0.٣"'),
    "a ticket above one": line(1, '"ticket":"0', '"ticket":"1'),
    "a probability of two": line(1, '"probability":"[0-9.]+"', '"probability":"2"'),
    "a probability as a number": line(1, '"probability":"[0-9.]+"', '"probability":1'),
    "a reason that there isn't": line(1, '"drawn":(null|"[a-z_]+")', '"drawn":"wanted"'),
    "an id of somebody else": line(1, "decision-", "decider-"),
    "an id in capitals": line(1, "decision-[a-z2-7]{26}", "decision-" + "A" * 26),
    "a stamp that isn't Base64": line(0, '"time_stamp":null', '"time_stamp":"%%%%"'),
    "a stamp of five letters": line(0, '"time_stamp":null', '"time_stamp":"AAAAA"'),
    "a stamp with loose ends": line(0, '"time_stamp":null', '"time_stamp":"AB=="'),
    "a stamp without its filling": line(0, '"time_stamp":null', '"time_stamp":"AA"'),
    "a stamp of nothing": line(0, '"time_stamp":null', '"time_stamp":""'),
    "an audit log's entry with a word": line(0, '"audit":null', f'"audit":"one:{"0" * 64}"'),
    "a policy that isn't JSON": line(0, '"policy":"', '"policy":"x'),
    "a policy with a space": policy('"default_minimum":4', '"default_minimum": 4'),
    "a policy with a key twice": policy('"twins":', '"twins":null,"twins":'),
    "a policy without numbers": policy('"default_minimum":4', '"default_minimum":NaN'),
    "a policy with half a character": policy('"why":"new"', '"why":"\\\\ud800"'),
    "a policy without a rate": policy('"default_rate":"0.1",', ""),
    "a policy that draws more than all": policy('"rate":"0.5"', '"rate":"1.5"'),
    "a policy that draws less than nothing": policy('"rate":"0.5"', '"rate":"-0.5"'),
    "a policy with a comma": policy('"rate":"0.5"', '"rate":"0,5"'),
    "a rate as a number": policy('"rate":"0.5"', '"rate":1'),
    "a rate of nothing": policy('"rate":"0.5"', '"rate":null'),
    "true for a minimum": policy('"minimum":3', '"minimum":true'),
    "a minimum below nothing": policy('"minimum":3', '"minimum":-1'),
    "a number where a text is": policy('"language":"uk"', '"language":1'),
    "a policy as a list": line(0, '"policy":"([^"\\\\]|\\\\.)*"', '"policy":"[]"'),
    "a policy as an object": line(0, '"policy":"([^"\\\\]|\\\\.)*"', '"policy":{}'),
    "a line that is too long": line(0, '"footnotes":\\[', f'"footnotes":["{"x" * LONGEST}"'),
}  # fmt: skip
CHAINED_FORMS: dict[str, Rewrite] = {
    "no chain told": line(0, '"chain":{[^}]*},', ""),
    "a chain of a word": line(0, '"chain":{[^}]*}', '"chain":"none"'),
    "a chain with half an entry": line(0, '"entries":183', '"entries":183.5'),
    "a chain with a head in capitals": line(0, '"head":"[0-9a-f]{64}"', f'"head":"{"A" * 64}"'),
    "a chain with more": line(0, '"closed":183', '"closed":183,"open":3'),
    "heads of nothing": line(0, '"heads":\\[\\]', '"heads":null'),
    "a head behind the end": line(
        0, '"heads":\\[', f'"heads":[{{"day":"2026-05-05","entries":184,"head":"{"0" * 64}"}}'),
    "a head of no entries": line(
        0, '"heads":\\[', f'"heads":[{{"day":"2026-05-05","entries":0,"head":"{"0" * 64}"}}'),
    "decided to the second": line(1, '"decided":"[^"]*"', '"decided":"2026-05-04T08:00:00Z"'),
    "decided on no day": line(1, '"decided":"[^"]*"', '"decided":"2026-02-32T08:00:00.000000Z"'),
    "registered by another clock": line(
        1, '"registered":"[^"]*"', '"registered":"2026-05-04T08:00:00.000000+00:00"'),
    "registered at twenty-five": line(
        1, '"registered":"[^"]*"', '"registered":"2026-05-04T25:00:00.000000Z"'),
    "a type with a space": line(1, '"type":"[^"]*"', '"type":"AufenthG 9"'),
    "no type": line(1, '"type":"[^"]*",', ""),
}  # fmt: skip
EARLIER_FORMS: dict[str, Rewrite] = {
    "format 1 with a fraction": line(0, '"split_by":', '"more":1.5,"split_by":'),
    "format 1 with a long number": line(0, '"split_by":', '"more":1234567890123456,"split_by":'),
    "format 1 with deep nesting": line(0, '"split_by":', f'"more":{DEEP},"split_by":'),
    "format 1 with nesting": line(
        0, '"split_by":', f'"more":{"[" * 30}{"]" * 30},"split_by":'),
    "format 1 with a policy as text": line(0, '"policy":\\{', '"policy":"{}","x":{'),
    "format 1 with a time of closing": line(
        0, '"seed":', '"closed_at":"2026-06-08T00:00:00Z","seed":'),
}  # fmt: skip


def ends(body: bytes, last: bytes) -> Iterator[tuple[str, bytes]]:
    """Give files with something else at the end than a seal."""
    lines = (body + last).splitlines(keepends=True)
    yield "an empty file", b""
    yield "nothing but a line break", b"\n"
    yield "nothing but zero bytes", bytes(64)
    yield "the first line alone", lines[0]
    yield "cut within the first line", lines[0][:100]
    yield "cut behind a line", b"".join(lines[:20])
    yield "cut within a line", b"".join(lines[:20]) + lines[20][:30]
    yield "cut before the seal", body
    yield "cut within the seal", body + last[:-40]
    yield "without the last line break", body + last[:-1]
    yield "two seals", body + last + last
    yield "a decision behind the seal", body + last + lines[1]
    yield "an empty line behind the seal", body + last + b"\n"
    yield "something behind the seal", body + last + b"x"
    yield "a space behind the seal", body + last[:-1] + b" \n"
    yield (
        "the seal's fields exchanged",
        body + to_json(dict(reversed(from_json(last).items()))) + b"\n",
    )
    yield "a key more in the seal", body + last.replace(b'{"', b'{"by":"x","')
    yield "a key less in the seal", body + last.replace(b',"signature"', b',"sign"')
    yield "a key twice in the seal", body + last.replace(b"{", b'{"public_key":"",')
    yield "a key in capitals", body + re.sub(b':"[0-9a-f]{64}"', lambda one: one[0].upper(), last)
    yield "a signature without end", body + last.replace(b'"}', b'00"}')


def malformed() -> Iterator[Tampered]:
    """Give all files whose signature or form is wrong, and some that are honest."""
    written = sealed(honest())
    body, last = b"".join(written[:-1]), written[-1]
    for name, key, signature in signatures():
        yield Tampered(name, body + seal(key, signature), frozenset({F.SIGNATURE}))
    for name, content in ends(body, last):
        yield Tampered(name, content, frozenset({F.FORMAT}))
    chained = sealed(register(SEED, REGISTERED))[:-1]
    for name, rewrite in FORMS.items():
        yield Tampered(name, signed(rewrite(written[:-1])), frozenset({F.FORMAT}))
        yield Tampered(f"register: {name}", signed(rewrite(chained)), frozenset({F.FORMAT}))
    for name, rewrite in CHAINED_FORMS.items():
        yield Tampered(name, signed(rewrite(chained)), frozenset({F.FORMAT}))
    before = sealed(earlier())
    for name, rewrite in EARLIER_FORMS.items():
        yield Tampered(name, signed(rewrite(before[:-1])), frozenset({F.FORMAT}))
    unsigned = body.replace(b'"corrected":false', b'"corrected":true', 1)
    yield Tampered("changed without the key", unsigned + last, frozenset({F.SIGNATURE}))
    yield from confirmed()


def confirmed() -> Iterator[Tampered]:
    """Give files that are as they should be."""
    makers: dict[str, Callable[[], Lines]] = {
        "honest": honest, "honest, stamped": stamped, "honest, in format 1": earlier,
        "honest, chained": lambda: register(SEED, REGISTERED),
    }  # fmt: skip
    for name, make in makers.items():
        yield Tampered(name, b"".join(sealed(make())), frozenset())
    header, *rest = honest()
    odd = header | {"footnotes": ['Zählung "Süd"\\ \u2028 \x7f \x01 😀']}
    yield Tampered("honest, with odd letters", b"".join(sealed([odd, *rest])), frozenset())
