"""What stands on pages, in the languages people read: gettext catalogues, one file per language.

A catalogue `de.po` stands beside the templates that use it. Templates name what they say by a key,
never by a sentence; a key that a language lacks is an error at start, not a hole in a page.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations
from markupsafe import Markup

from shared.errors import PermanentError

FOLDER = Path(__file__).parent
"""Where the words, templates and style of all pages stand."""


class Language(StrEnum):
    """A language of the pages; the first one is that of the authority."""

    GERMAN = "de"
    ENGLISH = "en"


class WordsInvalid(PermanentError):
    """A catalogue can't be used."""


def load_words(folders: Sequence[Path]) -> dict[Language, Translations]:
    """Read the catalogues of all languages, a later folder over an earlier one.

    Raises:
        WordsInvalid: a catalogue is missing or malformed, or the languages differ in their keys.
    """
    catalogues = {language: _merged(language, folders) for language in Language}
    keys = {language: set(_keys(catalogue)) for language, catalogue in catalogues.items()}
    every = set().union(*keys.values())
    for language, known in keys.items():
        if missing := sorted(every - known):
            raise WordsInvalid(f"{language}.po says nothing for {', '.join(missing)}")
    return {language: _compiled(catalogue) for language, catalogue in catalogues.items()}


def wording(words: Translations) -> Callable[..., Markup]:
    """Give what templates call as `_`: what a key says, with values in it, which are escaped.

    A page says hundreds of things: each key is looked up once, not each time as Jinja's own does.
    """

    @lru_cache(4096)
    def found(key: str) -> Markup:
        return Markup(words.gettext(key))  # noqa: S704 - the catalogue's, not a user's

    @lru_cache(4096)
    def without_values(key: str) -> Markup:
        return found(key) % {}

    def said(key: str, /, **values: object) -> Markup:
        return found(key) % values if values else without_values(key)

    return said


def _merged(language: Language, folders: Sequence[Path]) -> Catalog:
    merged = Catalog(locale=language)
    for folder in folders:
        for message in _read(folder / f"{language}.po", language):
            if message.id:
                merged[message.id] = message
    return merged


def _read(path: Path, language: Language) -> Catalog:
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except OSError as error:
        raise WordsInvalid(f"cannot read {path}: {error.strerror}") from None
    except (PoFileError, UnicodeDecodeError) as error:
        raise WordsInvalid(f"{path} is no catalogue: {error}") from None


def _keys(catalogue: Catalog) -> Iterable[str]:
    return (str(message.id) for message in catalogue if message.id and message.string)


def _compiled(catalogue: Catalog) -> Translations:
    file = BytesIO()
    write_mo(file, catalogue)
    file.seek(0)
    return Translations(file)
