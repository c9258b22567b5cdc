"""The certificate of a time stamping service as a file."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from deploy.demo.time_stamps import Authority


def write_root(authority: Authority, path: Path) -> Path:
    """Write the certificate under which stamps are signed, as operators get it (PEM)."""
    path.write_bytes(authority.root.public_bytes(Encoding.PEM))
    return path
