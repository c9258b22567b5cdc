"""The words of `wording.yaml`: advice for editors, hard words, explained terms."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import model_validator

from shared.configuration.yaml_file import FileInvalid, Section, load

FILE = Path(__file__).parent / "wording.yaml"


class WordingInvalid(FileInvalid):
    """The file of hard words and advice can't be used."""


class Rule(StrEnum):
    """What a text can fail."""

    WSTF1 = "wstf1"
    AMSTAD = "amstad"
    LIX = "lix"
    LONG_SENTENCE = "long_sentence"
    PASSIVE = "passive"
    NOMINAL_STYLE = "nominal_style"
    NEGATIONS = "negations"
    ABBREVIATION = "abbreviation"
    OFFICIALESE = "officialese"
    UNKNOWN_TERM = "unknown_term"


class Wording(Section):
    """What the rules need to know of German.

    Attributes:
        advice: What to change when a text fails a rule.
        abbreviations: Written out, by abbreviation.
        officialese: The plain word, by the official one.
        glossary: The explanation, by long term.
    """

    advice: dict[Rule, str]
    abbreviations: dict[str, str]
    officialese: dict[str, str]
    glossary: dict[str, str]

    @model_validator(mode="after")
    def _every_rule_has_advice(self) -> Self:
        missing = set(Rule) - self.advice.keys()
        if missing:
            raise ValueError(f"advice is missing for {', '.join(sorted(missing))}")
        return self


def load_wording(path: Path = FILE) -> Wording:
    """Read the file.

    Raises:
        WordingInvalid: Something in it is wrong; the message says where.
    """
    return load(path, Wording, invalid=WordingInvalid)
