from pathlib import Path

import pytest

from services.notify.plain_language.rules import Finding, findings
from services.notify.plain_language.wording import FILE, Rule, WordingInvalid, load_wording

WORDING = load_wording()


def rules(text: str) -> set[Rule]:
    return {finding.rule for finding in findings(text, WORDING)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Ihr Antrag wird geprüft.", Rule.PASSIVE),
        ("Die Papiere sind verschickt worden.", Rule.PASSIVE),
        ("Über Ihren Antrag wurde entschieden.", Rule.PASSIVE),
        ("Nach Prüfung der Sache kommt die Ablehnung.", Rule.NOMINAL_STYLE),
        ("Es gibt keine Frist, die nicht gilt.", Rule.NEGATIONS),
        ("Bringen Sie ggf. einen Ausweis mit.", Rule.ABBREVIATION),
        ("Bringen Sie einen Ausweis mit, z.B. einen Pass.", Rule.ABBREVIATION),
        ("Bringen Sie z. B. einen Pass mit.", Rule.ABBREVIATION),
        ("Wir fragen das AZR.", Rule.ABBREVIATION),
        ("Schreiben Sie uns bezüglich der Frist.", Rule.OFFICIALESE),
        ("Sie brauchen eine Fiktionsbescheinigungsverlängerung.", Rule.UNKNOWN_TERM),
        (" ".join(["Wort"] * 21) + ".", Rule.LONG_SENTENCE),
    ],
)
def test_hard_german_is_found(text: str, rule: Rule) -> None:
    assert rules(text) == {rule}


@pytest.mark.parametrize(
    "text",
    [
        "Wir prüfen Ihren Antrag.",
        "Wir werden Ihnen schreiben.",
        "Das wird auch morgen gelten.",
        "Bitte antworten Sie nicht darauf.",
        "Die Prüfung dauert vier Wochen.",
        "Wir fragen das Register (AZR). Im AZR stehen Ihre Daten.",
        "Sie haben eine Aufenthaltserlaubnis.",
        "Sie kommen aus einem Land der EU.",
        " ".join(["Wort"] * 20) + ".",
    ],
)
def test_plain_german_is_left_alone(text: str) -> None:
    assert rules(text) == set()


def test_a_finding_says_what_to_write_instead() -> None:
    assert findings("Kommen Sie ggf. früher.", WORDING) == [
        Finding(Rule.ABBREVIATION, "ggf.", "wenn nötig")
    ]


def test_the_same_word_is_named_once() -> None:
    assert len(findings("Hiermit. Hiermit.\nHiermit.", WORDING)) == 1


def test_a_rule_without_advice_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "wording.yaml"
    advice = "  passive: "
    lines = FILE.read_text(encoding="utf-8").splitlines()
    broken.write_text("\n".join(line for line in lines if not line.startswith(advice)))

    with pytest.raises(WordingInvalid, match="advice is missing for passive"):
        load_wording(broken)
