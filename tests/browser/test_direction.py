"""In a text from right to left, values are seen from left to right: asked of what is drawn."""

from typing import Any

import pytest
from playwright.async_api import Page

from services.notify.channels.email.writing import page as as_page
from services.notify.messages.catalogue import load_messages
from services.notify.messages.examples import examples
from services.notify.messages.rendering import REFERENCE, Values, render_short, render_whole
from services.notify.template.markup import escaped
from shared.configuration.places import ROOT
from shared.organisation.file import load_organisation

KARLSRUHE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
CONTACT = KARLSRUHE.authority.contact.model_copy(update={"phone": "0721 133-77 00"})
HERE = KARLSRUHE.model_copy(
    update={"authority": KARLSRUHE.authority.model_copy(update={"contact": CONTACT})}
)
KIND = load_messages().by_name["appointment_booked"]
VALUES: Values = {**examples(KIND)[""], REFERENCE: "33 / 2026 - 0815"}
OFFICE = HERE.office("kaiserallee").where

CHARACTERS = """() => {
  const found = [], nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    for (let at = 0; at < node.length; at++) {
      const one = document.createRange();
      one.setStart(node, at);
      one.setEnd(node, at + 1);
      const box = one.getBoundingClientRect();
      found.push([Math.round(box.top), box.left, node.data[at]]);
    }
  }
  return found;
}"""
"""Where each character of a page is drawn, in the order in which they are written."""


async def seen(page: Page, html: str, value: str) -> list[str]:
    """Give what the eye reads, by lines and from left to right, wherever a value is written."""
    await page.set_content(html)
    drawn: list[list[Any]] = await page.evaluate(CHARACTERS)
    written = "".join(one[-1] for one in drawn)
    begins = [at for at in range(len(written)) if written.startswith(value, at)]
    return ["".join(one[-1] for one in sorted(drawn[at : at + len(value)])) for at in begins]


@pytest.mark.parametrize(
    "value", [CONTACT.phone, CONTACT.email, CONTACT.web, VALUES[REFERENCE], OFFICE]
)
async def test_in_an_arabic_mail_a_value_is_seen_as_it_is_written(page: Page, value: str) -> None:
    mail = render_whole(KIND, "ar", VALUES, HERE)

    shown = await seen(page, as_page(mail), value)
    assert shown == [value] * len(shown)
    # Once in Arabic, once in the German text below.
    assert len(shown) >= 2
    assert await seen(page, f'<pre dir="auto">{escaped(mail.text)}</pre>', value) == shown


@pytest.mark.parametrize("value", [CONTACT.phone, VALUES[REFERENCE]])
async def test_in_an_arabic_sms_a_value_is_seen_as_it_is_written(page: Page, value: str) -> None:
    text = render_short(KIND, "ar", VALUES, HERE)

    assert await seen(page, f'<p dir="auto">{escaped(text)}</p>', value) == [value]
