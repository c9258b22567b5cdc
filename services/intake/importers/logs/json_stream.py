"""Reads a large JSON document from its start to its end, a piece at a time."""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from services.intake.importers.errors import LogBroken

_BYTES = 64 * 1024
_LARGEST = 16 * 1024**2
"""A piece is in memory as a whole."""
_BLANKS = " \t\r\n"
_BEHIND = {*_BLANKS, ",", "]", "}"}
"""What may stand behind a number; else it may go on."""
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Numbers stay as they were written."""


class JsonStream:
    """A document whose outermost object has long lists.

    Attributes:
        names: What the object has been found to hold so far.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """Read a file, in UTF-8."""
        self.names: set[str] = set()
        self._stream = stream
        self._decoded = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at = "", 0

    def members(self) -> Iterator[tuple[str, object]]:
        """Give what the outermost object holds: of a list each of its elements, else the value.

        Raises:
            LogBroken: It is no JSON, no object, or a piece of it is too large.
        """
        self._take("{")
        while self._ahead() != "}":
            name = self._name()
            self.names.add(name)
            self._take(":")
            if self._ahead() == "[":
                yield from ((name, one) for one in self._elements())
            else:
                yield name, self._value()
            self._pass_comma("}")
        self._take("}")
        if self._ahead():
            raise LogBroken("the JSON is broken (something stands behind its end)")

    def _name(self) -> str:
        if self._ahead() != '"':
            raise LogBroken("the JSON is broken (no name where one must stand)")
        return str(self._value())

    def _elements(self) -> Iterator[object]:
        self._take("[")
        while self._ahead() != "]":
            yield self._value()
            self._pass_comma("]")
        self._take("]")

    def _pass_comma(self, end: str) -> None:
        if self._ahead() != end:
            self._take(",")
            if self._ahead() == end:
                raise LogBroken("the JSON is broken (a comma stands before an end)")

    def _take(self, wanted: str) -> None:
        if self._ahead() != wanted:
            found = "it ends" if not self._ahead() else f"no {wanted!r} where one must stand"
            raise LogBroken(f"the JSON is broken ({found})")
        self._at += 1

    def _ahead(self) -> str:
        """Give the next character that is no blank; none at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANKS:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _value(self) -> object:
        self._ahead()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._more():
                    reason = getattr(error, "msg", "it nests too deeply")
                    raise LogBroken(f"the JSON is broken ({reason})") from None
                continue
            ended = self._text[end - 1] in '"]}' or self._text[end : end + 1] in _BEHIND
            if ended or not self._more():
                self._at = end
                return value

    def _more(self) -> bool:
        """Read on, more the more is waiting; what was passed is forgotten."""
        waiting = self._text[self._at :]
        if len(waiting) > _LARGEST:
            raise LogBroken(f"the JSON has a piece of more than {_LARGEST // 1024**2} MB")
        read = self._stream.read(max(_BYTES, len(waiting)))
        try:
            text = self._decoded.decode(read, final=not read)
        except UnicodeDecodeError as error:
            raise LogBroken(f"it isn't in UTF-8 ({error.reason})") from None
        self._text, self._at = waiting + text, 0
        return bool(read)
