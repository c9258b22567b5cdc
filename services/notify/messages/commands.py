"""`gleichfall messages list | check`: the texts, for those who write them."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.table import Table

from services.notify.messages.catalogue import load_messages
from services.notify.messages.readability import JudgedText, judge_messages
from services.notify.plain_language.rules import Finding
from services.notify.plain_language.wording import Wording, load_wording
from shared.console.options import organisation_option
from shared.console.screen import add, show, table
from shared.organisation.file import load_organisation


@click.command(name="list")
def list_messages() -> None:
    """List the messages: legal class, channels, languages and the event that causes them.

    \b
    Example:
        gleichfall messages list
    """
    listed = table("message", "legal class", "channels", "languages", "cause", lined=True)
    for name, kind in load_messages().by_name.items():
        about = kind.description
        ways = ", ".join(about.channels)
        causes = ", ".join(events.event for events in about.cause)
        add(listed, name, about.legal_class, ways, ", ".join(kind.texts), causes)
    show(listed, whole=True)


@click.command()
@organisation_option
def check(organisation_file: Path) -> None:
    """Check that every German text is plain, and say what to change.

    Shows the Wiener Sachtextformeln 1 to 4 (the first at most 8), Amstad's reading ease (at least
    60), LIX (at most 40) and the words of the longest sentence (at most 20), then what breaks a
    rule. Leaves with 1 if any text fails.

    \b
    Example:
        gleichfall messages check
    """
    wording = load_wording()
    judged = list(judge_messages(load_messages(), wording, load_organisation(organisation_file)))
    show(_measures(judged), whole=True)
    for text in judged:
        for finding in text.verdict.findings:
            click.echo(f"{_title(text)}: {_advice(finding, wording)}")
    if not all(text.verdict.passed for text in judged):
        raise SystemExit(1)


def _measures(judged: Sequence[JudgedText]) -> Table:
    measured = table(
        "text", numbers=("WSTF1", "2", "3", "4", "Amstad", "LIX", "longest"), lined=True
    )
    measured.add_column("")
    for text in judged:
        measures = text.verdict.measures
        numbers = (f"{value:.1f}" for value in (*measures.wstf, measures.amstad, measures.lix))
        outcome = "passed" if text.verdict.passed else "failed"
        add(measured, _title(text), *numbers, text.verdict.longest_sentence, outcome)
    return measured


def _title(text: JudgedText) -> str:
    return f"{text.message} {text.reading}".rstrip()


def _advice(finding: Finding, wording: Wording) -> str:
    instead = f" ({finding.instead})" if finding.instead else ""
    return f"{finding.rule}: „{finding.quote}“ {wording.advice[finding.rule]}{instead}"
