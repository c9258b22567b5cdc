"""`gleichfall messages`: the texts to applicants, for those who write them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from services.notify.channels.mail import page
from services.notify.messages.catalogue import BINDING_LANGUAGE, load_messages
from services.notify.messages.preview import marked
from services.notify.messages.preview import preview as render_preview
from services.notify.messages.readability import JudgedText, judge_messages
from services.notify.messages.rendering import Rendered
from services.notify.plain_language.rules import Finding
from services.notify.plain_language.wording import Wording, load_wording
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

_ENDLESS = 1000
_FORMS: Mapping[str, Callable[[Rendered], str]] = {
    "text": lambda rendered: f"{rendered.subject}\n\n{rendered.text}",
    "html": page,
    "marked": page,
}
_ORGANISATION = click.option(
    "--organisation",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="GLEICHFALL_ORGANISATION",
    default=Path("deploy/organisation/karlsruhe.yaml"),
    show_default=True,
    help="The authority that writes; also taken from GLEICHFALL_ORGANISATION.",
)


@click.group(name="messages")
def messages() -> None:
    """Read, try and check the texts that applicants get."""


@messages.command(name="list")
def list_messages() -> None:
    """List the messages: legal class, channels, languages and the event that causes them.

    \b
    Example:
        gleichfall messages list
    """  # noqa: D301 - \b is click's mark of a block
    table = Table("message", "legal class", "channels", "languages", "cause", box=box.SIMPLE)
    for name, kind in load_messages().by_name.items():
        about = kind.description
        ways = ", ".join(about.channels)
        table.add_row(name, about.legal_class, ways, ", ".join(kind.texts), about.cause)
    _print(table)


@messages.command()
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
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write the text to this file (UTF-8) instead of the terminal.",
)
@_ORGANISATION
def preview(
    *, name: str, language: str, channel: str, form: str, out: Path | None, organisation: Path
) -> None:
    """Show the message NAME as a recipient reads it, with the examples of its message.yaml.

    Nothing is sent. The first line is the subject.

    \b
    Example:
        gleichfall messages preview appointment_booked --language ar --as html --out mail.html
    """  # noqa: D301 - \b is click's mark of a block
    shipped = load_messages()
    rendered = (
        marked(shipped, name, language)
        if form == "marked"
        else render_preview(
            shipped, name, language, Channel(channel), load_organisation(organisation)
        )
    )
    text = _FORMS[form](rendered)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@messages.command()
@_ORGANISATION
def check(organisation: Path) -> None:
    """Check that every German text is plain, and say what to change.

    Shows the Wiener Sachtextformeln 1 to 4 (the first at most 8), Amstad's reading ease (at least
    60), LIX (at most 40) and the words of the longest sentence (at most 20), then what breaks a
    rule. Leaves with 1 if any text fails.

    \b
    Example:
        gleichfall messages check
    """  # noqa: D301 - \b is click's mark of a block
    wording = load_wording()
    judged = list(judge_messages(load_messages(), wording, load_organisation(organisation)))
    _print(_measures(judged))
    for text in judged:
        for finding in text.verdict.findings:
            click.echo(f"{_title(text)}: {_advice(finding, wording)}")
    if not all(text.verdict.passed for text in judged):
        raise SystemExit(1)


def _measures(judged: Sequence[JudgedText]) -> Table:
    table = Table("text", box=box.SIMPLE)
    for heading in ("WSTF1", "2", "3", "4", "Amstad", "LIX", "longest"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for text in judged:
        measures = text.verdict.measures
        numbers = (f"{value:.1f}" for value in (*measures.wstf, measures.amstad, measures.lix))
        outcome = "passed" if text.verdict.passed else "failed"
        table.add_row(_title(text), *numbers, str(text.verdict.longest_sentence), outcome)
    return table


def _title(text: JudgedText) -> str:
    return f"{text.message} without {text.without}" if text.without else text.message


def _advice(finding: Finding, wording: Wording) -> str:
    instead = f" ({finding.instead})" if finding.instead else ""
    return f"{finding.rule}: „{finding.quote}“ {wording.advice[finding.rule]}{instead}"


def _print(table: Table) -> None:
    """Print a table whole: what is cut off helps nobody, on a narrow terminal or in a pipe."""
    console = Console(highlight=False)
    endless = console.options.update(width=_ENDLESS)
    console.width = Measurement.get(console, endless, table).maximum
    console.print(table)
