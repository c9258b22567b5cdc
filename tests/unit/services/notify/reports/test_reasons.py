from pathlib import Path

import pytest

from services.notify.plain_language.verdict import judge
from services.notify.plain_language.wording import load_wording
from services.notify.reports.reasons import FOLDER, ReasonsInvalid, load_reasons
from shared.events.vocabulary import FailureReason

REASONS = load_reasons()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("reason", list(FailureReason))
def test_every_reason_has_words_in_every_language(language: str, reason: FailureReason) -> None:
    words = REASONS[language][reason]

    assert words.happened.endswith(".")
    assert words.advice.endswith(".")


def test_the_german_words_are_plain() -> None:
    """Measured as one text: a single sentence says little about its style."""
    text = "\n".join(f"{words.happened} {words.advice}" for words in REASONS["de"].values())

    assert judge(text, load_wording()).findings == ()


def test_no_two_reasons_tell_the_same() -> None:
    for words in REASONS.values():
        assert len({one.happened for one in words.values()}) == len(FailureReason)


def test_a_file_that_lacks_a_reason_is_refused(tmp_path: Path) -> None:
    text = (FOLDER / "reasons.de.yaml").read_text(encoding="utf-8")
    shortened = text[: text.index("  too_late:")]
    (tmp_path / "reasons.de.yaml").write_text(shortened, encoding="utf-8")

    with pytest.raises(ReasonsInvalid, match="words are missing for too_late"):
        load_reasons(tmp_path)
