"""`make pictures`: a confirmation as e-mail, SMS and letter, as the README shows it.

The texts, the page of the mail, the parts of the SMS and the sheet are the product's; only the
frames around them are drawn here.
"""

import asyncio
from base64 import b64encode
from html import escape
from io import BytesIO

import pypdfium2
from playwright.async_api import async_playwright

from services.notify.channels.email.writing import page as mail_page
from services.notify.messages.catalogue import load_messages
from services.notify.messages.stationery import load_stationery
from services.notify.preview.preview import preview, preview_letter, preview_sms
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation
from tests.browser.headless import launch

MESSAGE, LANGUAGE = "appointment_booked", "de"
PICTURE = ROOT / "docs" / "confirmation.png"
_HERE = ROOT / "deploy" / "organisation" / "karlsruhe.yaml"
_SHEET = """<!doctype html><html lang="en"><meta charset="utf-8"><style>
body { margin: 0; padding: 24px; width: 1480px; display: flex; gap: 28px; align-items: flex-start;
  background: #e9edf2; font: 15px/1.45 "Noto Sans", sans-serif; color: #111 }
figure { margin: 0; flex: 1 } figcaption { margin: 0 0 10px; font-weight: 600 }
.frame { background: #fff; border-radius: 8px; box-shadow: 0 1px 6px #0003; overflow: hidden }
.head { padding: 12px 16px; border-bottom: 1px solid #ddd; color: #444; font-size: 13px }
iframe { border: 0; width: 480px; max-width: 100%%; height: 640px; zoom: .82 }
.phone { flex: .72 } .phone .frame { padding: 20px 16px; min-height: 430px; border-radius: 26px }
.bubble { background: #e5f0ff; border-radius: 14px; padding: 12px 14px; white-space: pre-line;
  overflow-wrap: anywhere }
.parts { color: #555; font-size: 13px; margin: 8px 4px } img { width: 100%%; display: block }
</style>
<figure><figcaption>E-mail</figcaption><div class="frame">
<div class="head">%(sender)s<br>
<b>%(subject)s</b></div><iframe srcdoc="%(mail)s"></iframe></div></figure>
<figure class="phone"><figcaption>SMS</figcaption><div class="frame">
<div class="bubble">%(sms)s</div>
<div class="parts">%(parts)s parts, %(alphabet)s</div></div></figure>
<figure><figcaption>Letter</figcaption><div class="frame">
<img alt="" src="data:image/png;base64,%(letter)s"></div>
</figure></html>"""


def sheet() -> str:
    """Put the three beside each other."""
    messages, here = load_messages(), load_organisation(_HERE)
    mail = preview(messages, MESSAGE, LANGUAGE, Channel.EMAIL, here)
    sms = preview_sms(messages, MESSAGE, LANGUAGE, here)
    letter = preview_letter(messages, MESSAGE, LANGUAGE, here, load_stationery())
    drawn = BytesIO()
    pypdfium2.PdfDocument(letter.content)[0].render(scale=1.6).to_pil().save(drawn, "PNG")
    return _SHEET % {
        "sender": escape(f"{here.authority.name.de} <{here.authority.contact.email}>"),
        "subject": escape(mail.subject),
        "mail": escape(mail_page(mail)),
        "sms": escape(sms.text),
        "parts": sms.parts,
        "alphabet": sms.alphabet.name.replace("_", "-"),
        "letter": b64encode(drawn.getvalue()).decode(),
    }


async def main() -> None:
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        page = await browser.new_page(viewport={"width": 1528, "height": 400})
        await page.set_content(sheet())
        await page.wait_for_timeout(300)
        await page.screenshot(path=PICTURE, full_page=True)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
