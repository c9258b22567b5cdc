"""Letters as notify writes them; loads no more than that takes, for a process that writes one."""

from datetime import date
from uuid import UUID

from services.notify.channels.letter.writing import Letter, typeset
from services.notify.messages.catalogue import load_messages
from services.notify.messages.examples import examples
from services.notify.messages.rendering import Rendered, render
from services.notify.messages.stationery import load_stationery
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation
from shared.organisation.model import Authority, Reception

HERE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
MESSAGES = load_messages().by_name
STATIONERY = load_stationery()
IDENTITY = UUID("5f0c1f5e-6d3c-4a3e-9f52-7c64d5f2b8a1")
LONGEST = (
    "Mittelgroßes Übersetzungsbüro GmbH",
    "Frau Dr. Олена Çelik-Österreicher",
    "c/o Müller-Lüdenscheidt, Hinterhaus",
    "Johann-Wolfgang-von-Goethe-Straße 117 b",
    "Boulevard de la République 1234",
    "VEREINIGTES KÖNIGREICH",
)
"""Six lines, as many as the window shows."""


def written(
    rendered: Rendered | None = None,
    recipient: tuple[str, ...] = LONGEST,
    name: str | None = None,
    reception: Reception | None = None,
    *,
    authority: Authority = HERE.authority,
    reference: str = "case-" + "a" * 26,
) -> Letter:
    kind = MESSAGES["appointment_booked"]
    return typeset(
        rendered or render(kind, "de", examples(kind)[""], HERE, name, way=Channel.LETTER),
        identity=IDENTITY,
        stationery=STATIONERY,
        authority=authority,
        recipient=recipient,
        reference=reference,
        dated=date(2026, 3, 2),
        reception=reception or HERE.reception(None, None),
    )


def text(paragraphs: int, language: str = "de") -> Rendered:
    words = "Wir brauchen noch etwas Zeit. " * 12
    return Rendered(language, "Betreff", words, f"<p>{words}</p>\n" * paragraphs)
