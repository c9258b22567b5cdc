"""Time stamps by RFC 3161: a third party states that some text was there at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import PKIStatus

from shared.errors import PermanentError

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
"""Media types of the protocol over HTTP (RFC 3161, section 3.4)."""

_GRANTED = (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)


class TimeStampInvalid(PermanentError):
    """A time stamp doesn't state what it should."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the time stamp can't be used: {reason}")


class TimeStampMissing(TimeStampInvalid):
    """Where a time stamp should be there is none: the service refused it, or said anything else."""


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What a time stamp states.

    Attributes:
        at: When the text was there.
        authority: Who states it: the subject of the certificate it is signed with.
        trusted: Whether that was checked against a certificate we trust.
    """

    at: datetime
    authority: str
    trusted: bool


def request(text: str) -> TimeStampRequest:
    """Ask for a stamp of a text; only its SHA-256 digest leaves."""
    builder = TimestampRequestBuilder().data(text.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return builder.build()


def read(
    response: bytes,
    text: str,
    roots: Sequence[x509.Certificate] = (),
    nonce: int | None = None,
) -> TimeStamp:
    """Read a stamp of a text.

    Args:
        response: The answer of the service, as it came (DER).
        text: What was stamped.
        roots: Certificates to trust; without any, the signature isn't checked.
        nonce: That of our request, when the stamp is new.

    Raises:
        TimeStampMissing: it is none, or the service refused our request.
        TimeStampInvalid: it is another text's, or its signature is wrong.
    """
    try:
        stamp = decode_timestamp_response(response)
        if nonce is not None and stamp.status not in _GRANTED:
            raise TimeStampMissing(f"the service answers {PKIStatus(stamp.status).name}")
        info = stamp.tst_info
        if info.message_imprint.message != hashlib.sha256(text.encode()).digest():
            raise TimeStampInvalid("it is the stamp of something else")
        if nonce is not None and info.nonce != nonce:
            raise TimeStampInvalid("it answers another request")
        if roots:
            verifier = VerifierBuilder()
            for root in roots:
                verifier = verifier.add_root_certificate(root)
            verifier.build().verify_message(stamp, text.encode())
        return TimeStamp(info.gen_time, _authority(stamp), trusted=bool(roots))
    except VerificationError as error:
        raise TimeStampInvalid(str(error)) from None
    except ValueError as error:
        raise TimeStampMissing(f"it is no time stamp ({error})") from None


def stamped_at(response: bytes | None, text: str) -> datetime | None:
    """Give the time of a stamp to the second; None where there is none of this text."""
    try:
        return None if response is None else read(response, text).at.replace(microsecond=0)
    except TimeStampInvalid:
        return None


def certificates(path: Path | None) -> list[x509.Certificate]:
    """Read the certificates to trust from a PEM file; without a file there are none.

    Raises:
        TimeStampInvalid: the file can't be read or holds none.
    """
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise TimeStampInvalid(f"cannot read {path}: {error.strerror}") from None
    except ValueError:
        raise TimeStampInvalid(f"{path} holds no certificate in PEM format") from None


def _authority(stamp: TimeStampResponse) -> str:
    signers = {(one.issuer, one.serial_number) for one in stamp.signed_data.signer_infos}
    for der in stamp.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(der)
        if (certificate.issuer, certificate.serial_number) in signers:
            return certificate.subject.rfc4514_string()
    return "somebody who sent no certificate"
