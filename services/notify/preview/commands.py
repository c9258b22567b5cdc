"""`gleichfall messages preview | check`: messages as they are read, for those who write them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.table import Table

from services.notify.channels.email.writing import page
from services.notify.channels.sms.alphabet import HOME, CostClass
from services.notify.messages.catalogue import load_messages
from services.notify.messages.file import Texts
from services.notify.messages.parity import untranslated
from services.notify.messages.rendering import Rendered
from services.notify.messages.stationery import load_stationery
from services.notify.messages.text import BINDING_LANGUAGE
from services.notify.plain_language.rules import Finding
from services.notify.plain_language.wording import Wording, load_wording
from services.notify.preview.brevity import too_long
from services.notify.preview.foreign import foreign_texts
from services.notify.preview.preview import marked, preview_letter, preview_sms
from services.notify.preview.preview import preview as render_preview
from services.notify.preview.readability import JudgedText, judge_messages
from services.notify.recipients.countries import country_of
from shared.configuration.replacing import replacing
from shared.console.options import OUT, organisation_option
from shared.console.screen import add, show, table
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

_MARKS = "<style>span{background:#ffec99}</style>\n"
_FORMS: Mapping[str, Callable[[Rendered], str]] = {
    "text": lambda rendered: f"{rendered.subject}\n\n{rendered.text}",
    "html": page,
    "marked": lambda rendered: page(replace(rendered, html=_MARKS + rendered.html)),
}


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--language", default=BINDING_LANGUAGE, show_default=True, help="As in `list`.")
@click.option(
    "--channel",
    type=click.Choice([channel.value for channel in Channel]),
    default=Channel.EMAIL.value,
    show_default=True,
    help="The way it travels.",
)
@click.option(
    "--as",
    "form",
    type=click.Choice(list(_FORMS)),
    default="text",
    show_default=True,
    help="Plain text, the page of an e-mail, or that page with a mark for each value.",
)
@click.option(
    "--out",
    type=OUT,
    help="Write the text to this file (UTF-8) instead of the terminal.",
)
@click.option(
    "--to",
    default=HOME,
    show_default=True,
    metavar="COUNTRY",
    help="Where an SMS goes: AT, France.",
)
@organisation_option
def preview(
    *,
    name: str,
    language: str,
    channel: str,
    form: str,
    out: Path | None,
    to: str,
    organisation_file: Path,
) -> None:
    """Show the message NAME as a recipient reads it, with the examples of its message.yaml.

    Nothing is sent. The first line is the subject. With --channel sms, the parts that a provider
    charges are told beside it, with their cost class: home, EU and EEA, or world. With --channel
    letter, --out names the PDF.

    \b
    Examples:
        gleichfall messages preview appointment_booked --language ar --as html --out mail.html
        gleichfall messages preview appointment_booked --channel letter --out letter.pdf
    """
    shipped = load_messages()
    if channel == Channel.LETTER and form == "text":
        if out is None:
            raise click.UsageError("a letter is a PDF: name its file with --out letter.pdf")
        there = load_organisation(organisation_file)
        letter = preview_letter(shipped, name, language, there, load_stationery())
        with replacing(out) as torso:
            torso.write_bytes(letter.content)
        click.echo(f"{letter.pages} page(s) in {out}")
        return
    if form == "marked":
        text = _FORMS[form](marked(shipped, name, language))
    elif channel == Channel.SMS:
        sms = preview_sms(shipped, name, language, load_organisation(organisation_file))
        if (country := country_of(to)) is None:
            raise click.UsageError(f"no country is called {to}; write its name or two letters")
        costs = CostClass.of(country)
        click.echo(f"{sms.alphabet.name}, {sms.parts} to pay for, class {costs}", err=True)
        text = f"{sms.text}\n"
    else:
        there = load_organisation(organisation_file)
        text = _FORMS[form](render_preview(shipped, name, language, Channel(channel), there))
    if out is None:
        click.echo(text, nl=False)
    else:
        with replacing(out) as torso:
            torso.write_text(text, encoding="utf-8")


@click.command()
@click.argument(
    "folder",
    metavar="[FOLDER]",
    required=False,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
)
@organisation_option
def check(folder: Path | None, organisation_file: Path) -> None:
    """Check that texts are in their language, German ones plain, all translated and short as SMS.

    Checked are those in FOLDER, or those in force: that come with the system, with those of
    $GLEICHFALL_TEXTS in their place. What can't be read, or takes
    other values than the German text, is told of all files at once.

    Shows the Wiener Sachtextformeln 1 to 4 (the first at most 8), Amstad's reading ease (at least
    60), LIX (at most 40) and the words of the longest sentence (at most 20), then what breaks a
    rule, which translations are missing, and which SMS could cost more than one part (German) or
    two, with the longest day, office and reference. Leaves with 1 if there is any such thing.

    \b
    Example:
        gleichfall messages check
    """
    texts = Texts.in_force() if folder is None else Texts(folder)
    swapped = list(foreign_texts(texts))
    for one in swapped:
        click.echo(f"{one.file}: the text for {one.expected} is written in {one.found}")
    wording = load_wording()
    messages = load_messages(texts)
    judged = list(judge_messages(messages, wording, load_organisation(organisation_file)))
    show(_measures(judged), whole=True)
    for text in judged:
        for finding in text.verdict.findings:
            click.echo(f"{_title(text)}: {_advice(finding, wording)}")
    costly = list(too_long(messages, load_organisation(organisation_file)))
    for sms in costly:
        click.echo(
            f"{sms.message} as SMS, {sms.language}: {sms.parts} parts, at most {sms.allowed}: "
            f"{sms.text!r}; shorten it in sms.yaml"
        )
    lacking = list(untranslated(messages.by_name.values()))
    for name, languages in lacking:
        files = ", ".join(f"{language}.md" for language in languages)
        click.echo(f"{name}: {files} {'is' if len(languages) == 1 else 'are'} missing")
    if swapped or lacking or costly or not all(text.verdict.passed for text in judged):
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
