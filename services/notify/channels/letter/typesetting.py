"""From HTML to a PDF that screen readers read and archives keep. Pure but for the fonts' files.

WeasyPrint lays out, Pango shapes. Both PDF/UA-1 (ISO 14289-1) and PDF/A-3a (ISO 19005-3) are met:
WeasyPrint declares one of them, the other one is declared here.
"""

import ctypes
import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

from services.notify import fonts
from services.notify.recipients.window import require_shown, unprintable
from services.notify.sending.carrier import ProviderUnreachable
from shared.errors import PermanentError, TransientError

_PACKAGES = "apt-get install fonts-noto-core libpangoft2-1.0-0 libharfbuzz-subset0"
_PIXELS_PER_MM = 96 / 25.4
"""As CSS defines them."""

_END = b"</rdf:RDF>"
_UA = b"""
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1" />
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that is met</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
"""PDF/A knows properties of its own only; another one needs its schema beside it."""


class TypesettingUnavailable(ProviderUnreachable):
    """What letters are made with isn't installed: they wait until it is."""

    def __init__(self, what: str) -> None:
        TransientError.__init__(
            self, f"letters can't be written: {what}; run '{_PACKAGES}' as root, then start again"
        )


class CharacterMissing(PermanentError):
    """No font has a character of the text; the text itself is never quoted."""

    def __init__(self, characters: int) -> None:
        super().__init__(
            f"{characters} characters of the letter are in none of its fonts; write them otherwise"
        )


class OutsideReached(PermanentError):
    """A text asks for a file or a host; letters hold only what they were given."""

    def __init__(self) -> None:
        super().__init__("a letter names a file or address to be fetched; it must hold all itself")


@dataclass(frozen=True, slots=True)
class Sheets:
    """A PDF.

    Attributes:
        content: The file.
        pages: How many.
        bottoms: Where elements that have an id end, in millimetres from the upper edge of the page.
    """

    content: bytes
    pages: int
    bottoms: Mapping[str, float]


def to_pdf(html: str, identifier: bytes) -> Sheets:
    """Lay out a page of HTML; the same input gives the same bytes.

    Args:
        html: A whole document with its style.
        identifier: Stands in the file as its name.

    Raises:
        TypesettingUnavailable: A library or font isn't installed.
        OutsideReached: The document wants to fetch something.
    """
    weasyprint = _weasyprint()
    from weasyprint.urls import FatalURLFetchingError

    def refuse(*_: object, **__: object) -> NoReturn:
        raise FatalURLFetchingError

    target = BytesIO()
    try:
        document = weasyprint.HTML(string=html, url_fetcher=refuse).render(font_config=_fonts())
        document.write_pdf(
            target, pdf_variant="pdf/a-3a", pdf_identifier=identifier, finisher=_declare_accessible
        )
    except FatalURLFetchingError:
        raise OutsideReached from None
    bottoms = {
        name: bottom / _PIXELS_PER_MM
        for page in document.pages
        for name, (_left, _top, _right, bottom) in page.anchors.items()
    }
    sheets = Sheets(target.getvalue(), len(document.pages), bottoms)
    del document
    gc.collect(0)  # its boxes know each other, and a service looks for cycles seldom: 40 MB
    return sheets


def require_typesetting() -> None:
    """Load what letters are made with.

    Raises:
        TypesettingUnavailable: It isn't installed.
    """
    _weasyprint()
    _fonts()


def require_address(lines: Sequence[str]) -> None:
    """Refuse an address that the window wouldn't show whole.

    Raises:
        AddressUnprintable, AddressOutgrowsWindow: As who took it would have said.
        TypesettingUnavailable: The fonts aren't installed.
    """
    with _installed():
        require_shown(lines)


def require_characters(text: str) -> None:
    """Refuse what would be printed as an empty box.

    Raises:
        CharacterMissing: No font has it.
        TypesettingUnavailable: The fonts aren't installed.
    """
    with _installed():
        missing = unprintable(text)
    if missing:
        raise CharacterMissing(missing)


@cache
def software() -> Mapping[str, str]:
    """Name what decides on the bytes beside Python packages: libraries, fonts; "" if missing."""
    return {
        "pango": _release("libpango-1.0.so.0", "pango_version_string"),
        "harfbuzz": _release("libharfbuzz.so.0", "hb_version_string"),
    } | {name: _digest(fonts.FONTS / name) for name in fonts.FONT_FILES}


def _release(library: str, function: str) -> str:
    try:
        tell = ctypes.CDLL(library)[function]
    except OSError:
        return ""
    tell.restype = ctypes.c_char_p
    version: bytes = tell()
    return version.decode()


def _digest(font: Path) -> str:
    return sha256(font.read_bytes()).hexdigest() if font.is_file() else ""


@cache
def _weasyprint() -> Any:  # noqa: ANN401 - untyped
    # Its warnings quote what they are about, and it tells each step, those of its import, too.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    try:
        import weasyprint
    except OSError as error:
        raise TypesettingUnavailable(f"a library is missing ({type(error).__name__})") from None
    return weasyprint


@cache
def _fonts() -> Any:  # noqa: ANN401 - untyped
    """Read the fonts' configuration once: it takes longer than a letter."""
    with _installed():
        fonts.widths()
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TypesettingUnavailable(f"the font {error.filename} is missing") from None


def _declare_accessible(_document: object, pdf: Any) -> None:  # noqa: ANN401 - pydyf is untyped
    (metadata,) = (
        one for one in pdf.objects if getattr(one, "extra", {}).get("Type") == "/Metadata"
    )
    metadata.stream = [part.replace(_END, _UA + _END) for part in metadata.stream]
