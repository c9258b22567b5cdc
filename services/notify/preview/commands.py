"""`gleichfall messages preview`: a message as its recipient reads it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import click

from services.notify.channels.email.writing import page
from services.notify.channels.sms.alphabet import HOME, CostClass
from services.notify.messages.catalogue import BINDING_LANGUAGE, load_messages
from services.notify.messages.rendering import Rendered
from services.notify.messages.stationery import load_stationery
from services.notify.preview.preview import marked, preview_letter, preview_sms
from services.notify.preview.preview import preview as render_preview
from services.notify.recipients.countries import country_of
from shared.console.options import FILE, organisation_option
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
    type=FILE,
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
        out.write_bytes(letter.content)
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
        out.write_text(text, encoding="utf-8")
