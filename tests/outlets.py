"""People whom nobody may find, and the search for them in what leaves the system."""

from base64 import b64encode
from typing import Final

NAME: Final = "Şölvi Qvarnholt"
STREET: Final = "Qvarnholtgasse 7"
EMAIL: Final = "soelvi@qvarnholt.example"
PHONE: Final = "+4915228817386"
BORN: Final = "1931-02-27"
REFERENCE: Final = "QVH-4711/31"
ALL: Final = f"{NAME}, {STREET}, {EMAIL}, {PHONE}, {BORN}, {REFERENCE}"

_TRACES = ("Qvarnholt", "5228817386", BORN, "27.02.1931", "QVH-4711")
"""What stands in nothing else, whoever wrote it down and how."""


def found(content: bytes) -> set[str]:
    """Give what tells of somebody, as it is or as encodings would show it."""
    lower = content.lower()
    return {
        trace
        for trace in _TRACES
        if trace.lower().encode() in lower
        or any(text.encode().hex().encode() in lower for text in _cases(trace))
        or any(form in content for text in _cases(trace) for form in _base64(text))
    }


def _cases(trace: str) -> set[str]:
    return {trace, trace.lower(), trace.upper()}


def _base64(text: str) -> list[bytes]:
    """What is certain of it in a longer text, wherever that begins."""
    return [
        b64encode(bytes(before) + text.encode())[(0, 2, 3)[before] :].rstrip(b"=")[:-1]
        for before in range(3)
    ]
