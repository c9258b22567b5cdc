"""How the text of a file is encoded: programs of offices say it seldom, and rarely the same."""

import codecs
from typing import BinaryIO, NamedTuple

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHUNK = 1 << 20
_SAMPLE = 4096
_ENOUGH = 1_000
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")
_LIKELY = frozenset("äöüÄÖÜßéèêëàâáçîïíôóòûùúñåøæœÉÈÀÇ€§„“”°")


class Encoding(NamedTuple):
    """An encoding by Python's name, and whether every line was found to be in it."""

    name: str
    clean: bool


def detect(stream: BinaryIO) -> Encoding:
    """Look through a file, and go back to its beginning.

    It is UTF-8 if that fits most lines that aren't plain ASCII; else the encoding whose letters
    are the likeliest.
    """
    try:
        return _detect(stream)
    except EOFError:  # a packed file that was cut off: whoever reads it will say so
        return Encoding("utf-8", clean=False)
    finally:
        stream.seek(0)


def _detect(stream: BinaryIO) -> Encoding:
    head = stream.read(_SAMPLE)
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            if name == "utf-16":
                return Encoding(name, clean=True)
            return Encoding(name, clean=_odd_lines(stream, head)[1] == [])
    wide = _without_mark(head)
    if wide is not None:
        return Encoding(wide, clean=True)
    good, bad = _odd_lines(stream, head)
    if not bad:
        return Encoding("utf-8", clean=True)
    if good > len(bad):
        return Encoding("utf-8", clean=False)
    return Encoding(max(_SINGLE_BYTE, key=lambda name: _likelihood(name, bad)), clean=False)


def _without_mark(head: bytes) -> str | None:
    """Tell UTF-16 by every second byte, which is 0 in most of its texts."""
    half = len(head) // 2
    if half and head[1::2].count(0) > half * 0.4:
        return "utf-16-le"
    if half and head[::2].count(0) > half * 0.4:
        return "utf-16-be"
    return None


def _odd_lines(stream: BinaryIO, head: bytes) -> tuple[int, list[bytes]]:
    """Count the lines that are UTF-8 beyond ASCII, and give some that aren't UTF-8."""
    good, bad = 0, list[bytes]()
    chunk = head + stream.readline()
    while chunk:
        if not chunk.isascii():
            for line in chunk.splitlines():
                if line.isascii():
                    continue
                if _is_utf_8(line):
                    good += 1
                elif len(bad) < _ENOUGH:
                    bad.append(line)
        chunk = stream.read(_CHUNK) + stream.readline()
    return good, bad


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _likelihood(name: str, lines: list[bytes]) -> int:
    letters = "".join(line.decode(name, errors="replace") for line in lines)
    odd = [letter for letter in letters if not letter.isascii()]
    return sum(1 if letter in _LIKELY else -1 for letter in odd)
