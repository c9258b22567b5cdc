"""A time stamping service of our own (RFC 3161), by whatever clock: for demo and tests."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"})


class Authority:
    """Stamps whatever it is asked for."""

    def __init__(self, name: str = "Test TSA") -> None:
        self._ca_key, self._key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.root = self._certificate(f"{name} root", f"{name} root", self._ca_key.public_key())
        self.certificate = self._certificate(name, f"{name} root", self._key.public_key())
        self.asked = 0
        self.at = datetime(2026, 5, 1, 9, tzinfo=UTC)

    def stamp(self, query: bytes) -> bytes:
        """Answer a request (DER) with a stamp of the time `at`, as an answer (DER)."""
        self.asked += 1
        asked = tsp.TimeStampReq.load(query)
        info = tsp.TSTInfo({
            "version": "v1",
            "policy": "1.3.6.1.4.1.99999.1",
            "message_imprint": asked["message_imprint"],
            "serial_number": self.asked,
            "gen_time": self.at,
            "nonce": asked["nonce"],
        })  # fmt: skip
        signed = cms.ContentInfo({"content_type": "signed_data", "content": self._signed(info)})
        answer: bytes = tsp.TimeStampResp({
            "status": {"status": "granted"},
            "time_stamp_token": signed,
        }).dump()  # fmt: skip
        return answer

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Answer over HTTP on this machine; gives the address."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(authority.stamp(query))

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()
            thread.join()

    def _signed(self, info: tsp.TSTInfo) -> cms.SignedData:
        content = info.dump()
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        certificate = asn1.Certificate.load(der)
        attributes = _attributes(content, der)
        signature = self._key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256())
        signer = cms.SignerInfo({
            "version": "v1",
            "sid": cms.SignerIdentifier({
                "issuer_and_serial_number": {
                    "issuer": certificate.issuer,
                    "serial_number": certificate.serial_number,
                },
            }),
            "digest_algorithm": SHA256,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
            "signature": signature,
        })  # fmt: skip
        return cms.SignedData({
            "version": "v3",
            "digest_algorithms": [SHA256],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "certificates": [certificate],
            "signer_infos": [signer],
        })  # fmt: skip

    def _certificate(self, subject: str, issuer: str, key: rsa.RSAPublicKey) -> x509.Certificate:
        is_root = subject == issuer
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=7300))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        )
        if not is_root:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self._ca_key, hashes.SHA256())


def _attributes(content: bytes, certificate: bytes) -> cms.CMSAttributes:
    """Give what is signed: the digests of the stamp and of the certificate it is signed with."""
    digest = core.OctetString(hashlib.sha256(content).digest())
    used = tsp.ESSCertIDv2({
        "hash_algorithm": SHA256,
        "cert_hash": hashlib.sha256(certificate).digest(),
    })  # fmt: skip
    return cms.CMSAttributes([
        cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
        cms.CMSAttribute({"type": "message_digest", "values": [digest]}),
        cms.CMSAttribute({
            "type": "signing_certificate_v2",
            "values": [tsp.SigningCertificateV2({"certs": [used]})],
        }),
    ])  # fmt: skip
