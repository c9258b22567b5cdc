import pytest

from services.notify.plain_language.verdict import judge
from services.notify.plain_language.wording import Rule, load_wording

WORDING = load_wording()


def test_plain_words_pass() -> None:
    verdict = judge("Wir haben Ihren Antrag. Bitte warten Sie. Wir schreiben Ihnen.", WORDING)

    assert verdict.passed
    assert verdict.longest_sentence == 4


def test_long_words_fail_by_every_measure() -> None:
    verdict = judge("Aufenthaltserlaubnis Niederlassungserlaubnis Einbürgerung.", WORDING)

    assert {finding.rule for finding in verdict.findings} >= {Rule.WSTF1, Rule.AMSTAD, Rule.LIX}
    assert not verdict.passed


def test_one_long_sentence_fails_a_text_that_is_easy_otherwise() -> None:
    verdict = judge("Wir sind da. " * 20 + " ".join(["Sie sind hier"] * 7) + ".", WORDING)

    assert [finding.rule for finding in verdict.findings] == [Rule.LONG_SENTENCE]
    assert verdict.longest_sentence == 21


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="without a word"):
        judge("\n", WORDING)
