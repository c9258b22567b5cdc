"""`gleichfall messages bounce | dkim`: mails that came back, and the records of signatures."""

from pathlib import Path

import click

from services.notify.channels.email.bounce_mail import read_report
from services.notify.channels.email.dkim import signers
from services.notify.channels.email.errors import ReportUnreadable
from services.notify.reports.reasons import load_reasons
from services.notify.settings import SenderSettings
from shared.console.options import language_option, organisation_option
from shared.organisation.file import load_organisation
from shared.security.secrets import SecretStore


@click.command()
@click.argument(
    "mail", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@language_option
@organisation_option
def bounce(mail: Path, language: str, organisation_file: Path) -> None:
    """Show what a mail in FILE, one that came back, says of one of our messages.

    Nothing is written down. The service reads such mails by itself.

    \b
    Example:
        gleichfall messages bounce returned.eml
    """
    sender = SenderSettings().sender(load_organisation(organisation_file))
    report = read_report(mail.read_bytes(), sender)
    if report is None:
        raise ReportUnreadable
    click.echo(f"{report.message}  {report.receipt.state}")
    if report.receipt.reason is not None:
        words = load_reasons()[language][report.receipt.reason]
        click.echo(f"    {words.happened} {words.advice}")


@click.command()
@click.argument("selector", required=False)
@organisation_option
def dkim(selector: str | None, organisation_file: Path) -> None:
    """Print the DNS records with which anybody can check our signatures.

    SELECTOR names the key that has no name of its own yet: publish its record, set
    NOTIFY_DKIM_SELECTOR to it, and mails are signed. A key from 'gleichfall secrets rotate
    dkim_rsa_pem' has its name with it.

    \b
    Example:
        gleichfall messages dkim march2026
    """
    sender = SenderSettings().sender(load_organisation(organisation_file))
    for signer in signers(SecretStore.from_environment(), selector, sender.domain):
        click.echo(signer.record)
