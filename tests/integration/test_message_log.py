"""The message log at the desk: what a case was told, and what staff do about it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.notify.reference import code_of
from shared.events.catalogue.appointment import AppointmentCancelled
from tests.integration.delivery.parts import APPOINTMENT, apply, appointment, numbered, soon
from tests.integration.message_log_helpers import BOUNCED, MessageLog, message_log
from tests.integration.workbench_helpers import Browser, cells

pytestmark = pytest.mark.stack

TELLS = {Role.OPERATIONS, Role.UNIT_HEAD, Role.FRONT_DESK}
TABLES = ("message", "task", "intervention", "outbox", "case_standing", "case_recipient")


@pytest.fixture(scope="module")
async def running(stack: Addresses, secrets: Path) -> AsyncIterator[MessageLog]:
    async with message_log(stack, secrets, "message_log") as found:
        yield found


@pytest.fixture
async def log(running: MessageLog) -> MessageLog:
    """The same, with no messages."""
    for table in TABLES:
        await running.notify.execute(f"DELETE FROM {table}")
    return running


@pytest.fixture
async def clerk(log: MessageLog) -> Browser:
    """Somebody who answers applicants."""
    return await log.desk.signed_in(Role.FRONT_DESK)


def words(answer: httpx.Response) -> str:
    main = re.sub(r"<[^>]+>", " ", answer.text.split("<main")[1].split("</main>")[0])
    return re.sub(r"\s+", " ", main.replace("\xa0", " "))


async def led(browser: Browser, answer: httpx.Response) -> httpx.Response:
    """Go where an answer leads."""
    return await browser.client.get(answer.headers["location"])


async def do(
    browser: Browser,
    case_ref: str,
    message: object,
    act: str,
    reason: str = "angerufen",
    **form: str,
) -> httpx.Response:
    fields = {"act": act, "reason": reason, "seen": "held"} | form
    return await browser.post(f"/messages/cases/{case_ref}/{message}", fields)


async def test_who_answers_applicants_begins_with_whom_nothing_reached(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, message = await log.missed()

    start = await clerk.get("/")
    page = await clerk.get("/messages")

    assert (start.status_code, start.headers["location"]) == (303, "/messages")
    assert "Ein Fall wartet darauf, dass jemand anruft oder schreibt." in words(page)
    assert f"Fall {code_of(case_ref)}" in words(page)
    assert f'href="/messages/cases/{case_ref}#message-{message}"' in page.text


async def test_without_tasks_the_page_says_that_nobody_waits(clerk: Browser) -> None:
    assert "Gerade muss niemand anrufen" in words(await clerk.get("/messages"))


async def test_a_case_is_found_by_what_messages_call_it_and_by_its_name(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, _ = await log.told()
    code = code_of(case_ref)

    for said in (code, code.lower().replace("-", " "), f" {case_ref} "):
        answer = await clerk.get("/messages", case=said)
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            f"/messages/cases/{case_ref}",
        )


async def test_of_what_nobody_knows_the_page_says_so(clerk: Browser) -> None:
    for said in ("0000-0000", "Müller", "<b>", "33.2-1234/26"):
        page = await clerk.get("/messages", case=said)
        assert page.status_code == 200
        assert "ist nichts bekannt" in words(page)
        assert "<b>" not in page.text.split("<main")[1]
    unknown = await clerk.get("/messages/cases/case-" + "a" * 26)
    assert unknown.status_code == 404
    assert "Zu diesem Fall ist nichts bekannt" in unknown.text
    assert (await clerk.get("/messages/cases/case-short")).status_code == 422


async def test_a_case_shows_what_it_was_told_by_which_way_and_why_not(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, _ = await log.missed()

    german = words(await clerk.get(f"/messages/cases/{case_ref}"))
    english = words(await clerk.get(f"/messages/cases/{case_ref}", language="en"))

    assert "Ihr Antrag ist bei uns kam zurück" in german
    assert "E-Mail · Deutsch · an die Person selbst" in german
    assert "Anlass: Antrag eingegangen" in german
    assert "Die Nachricht kam zurück. Das Postfach war voll" in german
    assert "Nehmen Sie einen anderen Weg, zum Beispiel einen Brief." in german
    assert "Bitte selbst Bescheid sagen" in german
    assert "came back" in english
    assert "E-mail · German · to the person themselves" in english
    assert "example.org" not in german, "nobody's address is shown"


async def test_of_what_we_could_not_write_a_case_shows_whose_fault_it_is_and_why(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, message = await log.told()
    await log.notify.execute(
        "UPDATE message SET state = 'failed', reason = 'not_written', due_at = NULL,"
        " ended_at = now(), why = 'the organisation file has no office atlantis' WHERE id = $1",
        message,
    )

    shown = words(await clerk.get(f"/messages/cases/{case_ref}"))

    assert "Wir konnten die Nachricht nicht schreiben." in shown
    assert "Für die Technik: the organisation file has no office atlantis" in shown


async def test_whoever_looks_at_a_case_stands_in_the_log(log: MessageLog, clerk: Browser) -> None:
    case_ref, _ = await log.told()
    await clerk.get(f"/messages/cases/{case_ref}")

    assert (await log.noted())[-1] == ("messages_read", f"messages:{case_ref}")


async def test_what_waits_is_stopped_once_and_the_page_says_by_whom(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref = await appointment(log.notify, soon())
    message = await log.notify.fetchval("SELECT id FROM message WHERE name = 'appointment_booked'")

    first = await do(clerk, case_ref, message, "stopped", "<i>Amt zu</i>", seen="planned")
    page = await led(clerk, first)
    second = await do(clerk, case_ref, message, "stopped", "noch einmal", seen="planned")
    after = words(await led(clerk, second))

    assert first.status_code == 303
    assert "Die Nachricht ist gestoppt." in words(page)
    assert "Gestoppt (Auskunft)" in words(page)
    assert "&lt;i&gt;Amt zu&lt;/i&gt;" in page.text
    assert "Das war schon geschehen: Sie ist gestoppt" in after
    assert "noch einmal" not in after.split("Das war schon")[0]
    by = await log.notify.fetchval("SELECT by FROM intervention")
    assert by == f"front_desk:{log.desk.accounts[Role.FRONT_DESK]}"
    assert ("message_stopped", f"messages:{case_ref}") in await log.noted()
    state = await log.notify.fetchval("SELECT state FROM message WHERE id = $1", message)
    assert state == "suppressed"


async def test_no_address_says_that_something_was_done_that_nobody_did(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, message = await log.told()
    for about in (str(message), str(uuid4())):
        for act in ("resent", "stopped", "told"):
            told = {"done": act, "message": about}
            page = await clerk.get(f"/messages/cases/{case_ref}", **told)
            assert (page.status_code, "kern-alert" in page.text) == (200, False), act


async def test_what_has_ended_is_sent_once_more(log: MessageLog, clerk: Browser) -> None:
    case_ref, message = await log.told()
    await log.notify.execute(BOUNCED, message)

    answers = [await do(clerk, case_ref, message, "resent", seen="bounced") for _ in range(2)]
    page = words(await led(clerk, answers[0]))

    assert [answer.status_code for answer in answers] == [303, 303]
    assert "before=True" in answers[1].headers["location"]
    assert "Die Nachricht geht noch einmal raus." in page
    assert "Anlass: eine frühere Nachricht, noch einmal" in page
    assert "2 Nachrichten" in page
    rows = await log.notify.fetch("SELECT state, cause FROM message ORDER BY entered_at")
    assert [tuple(row) for row in rows][1] == ("planned", f"message:{message}")


async def test_who_told_otherwise_closes_the_task(log: MessageLog, clerk: Browser) -> None:
    case_ref, message = await log.missed()

    answer = await do(clerk, case_ref, message, "told", "angerufen", seen="bounced")
    page = words(await led(clerk, answer))

    assert "Eingetragen: Die Person weiß Bescheid." in page
    assert "Anders Bescheid gesagt (Auskunft)" in page
    assert "Ich habe Bescheid gesagt" not in page
    assert "Gerade muss niemand anrufen" in words(await clerk.get("/messages"))


async def test_without_a_reason_nothing_is_done_and_the_field_says_so(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, message = await log.missed()

    answer = await do(clerk, case_ref, message, "told", "  ", seen="bounced")

    assert answer.status_code == 422
    assert "<title>Fehler: " in answer.text
    assert f'href="#reason-told-{message}"' in answer.text
    assert not await log.notify.fetchval("SELECT count(*) FROM intervention")


async def test_what_may_not_be_done_any_more_is_refused_in_words_with_what_happened_meanwhile(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref = await appointment(log.notify, soon())
    message = await log.notify.fetchval("SELECT id FROM message WHERE name = 'appointment_booked'")
    early = await do(clerk, case_ref, message, "resent", "eilt", seen="planned")
    cancelled = AppointmentCancelled(appointment_id=APPOINTMENT)
    await apply(log.notify, [numbered(case_ref, cancelled, 2)])

    stale = await do(clerk, case_ref, message, "stopped", "Amt zu", seen="planned")
    untrue = await do(clerk, case_ref, message, "resent", "doch", seen="superseded")
    told = await do(clerk, case_ref, message, "told", seen="superseded")

    assert [one.status_code for one in (early, stale, untrue, told)] == [409] * 4
    assert "Sie ist noch unterwegs und kann noch ankommen." in words(early)
    assert "Inzwischen steht sie auf „nicht mehr nötig“." in words(stale)
    assert "Sie ist schon unterwegs oder zu Ende. Wir haben nichts geändert." in words(stale)
    assert "Sie hatten geschrieben: Amt zu" in words(stale)
    assert "Sie stimmt nicht mehr" in words(untrue)
    assert "Zu dieser Nachricht muss niemand Bescheid sagen" in words(told)
    assert not await log.notify.fetchval("SELECT count(*) FROM intervention")


async def test_a_way_that_is_closed_by_now_is_refused_with_the_reason(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, message = await log.told()
    await log.notify.execute(BOUNCED, message)
    await log.notify.execute(
        "UPDATE contact SET channels = '{}' WHERE contact_ref ="
        " (SELECT contact_ref FROM message WHERE id = $1)",
        message,
    )

    answer = await do(clerk, case_ref, message, "resent", seen="bounced")

    assert answer.status_code == 409
    assert "Auf diesem Weg darf oder kann gerade nichts an die Person gehen." in words(answer)
    assert "Die Person hat keine Adresse, an die diese Nachricht gehen darf." in words(answer)


async def test_a_message_of_another_case_cannot_be_reached_by_this_one(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, _ = await log.told()
    _, foreign = await log.told()

    for message in (foreign, uuid4()):
        answer = await do(clerk, case_ref, message, "stopped")
        assert answer.status_code == 404
        assert "Diese Nachricht gibt es in diesem Fall nicht" in answer.text


async def test_who_heads_a_unit_sees_the_cases_of_it_and_no_others(log: MessageLog) -> None:
    head = await log.desk.signed_in(Role.UNIT_HEAD)  # of unit-1
    own, _ = await log.missed()
    foreign, message = await log.missed()
    unsaid, _ = await log.missed()
    await log.notify.execute(
        "UPDATE case_standing SET standing = jsonb_set(standing, '{unit}', '\"unit-2\"')"
        " WHERE case_ref = $1",
        foreign,
    )
    await log.notify.execute("DELETE FROM case_standing WHERE case_ref = $1", unsaid)

    page = await head.get("/messages")
    answers = {case: await head.get(f"/messages/cases/{case}") for case in (own, foreign, unsaid)}
    act = await do(head, foreign, message, "told")
    nowhere = await head.get(f"/messages/cases/case-{'a' * 26}")

    assert (code_of(own) in page.text, code_of(foreign) in page.text) == (True, False)
    assert [one.status_code for one in answers.values()] == [200, 404, 404]
    assert act.status_code == 404
    assert {one.text for case, one in answers.items() if case != own} == {nowhere.text}
    assert ("refused", f"GET /messages/cases/{foreign}") in await log.noted()
    assert not await log.notify.fetchval("SELECT count(*) FROM intervention")


async def test_who_heads_a_unit_finds_no_case_of_another_one_by_its_name_or_code(
    log: MessageLog,
) -> None:
    head = await log.desk.signed_in(Role.UNIT_HEAD)  # of unit-1
    own, _ = await log.told()
    foreign, _ = await log.told()
    await log.notify.execute(
        "UPDATE case_standing SET standing = jsonb_set(standing, '{unit}', '\"unit-2\"')"
        " WHERE case_ref = $1",
        foreign,
    )

    found = [await head.get("/messages", case=said) for said in (own, code_of(own))]
    nothing = [await head.get("/messages", case=said) for said in (foreign, code_of(foreign))]
    unknown = await head.get("/messages", case="case-" + "a" * 26)

    assert [one.status_code for one in found] == [303, 303]
    assert [one.status_code for one in nothing] == [200, 200]
    assert words(nothing[0]).replace(foreign, "case-" + "a" * 26) == words(unknown)
    assert f"/messages/cases/{foreign}" not in nothing[1].text


async def test_who_sees_a_case_beside_an_act_that_was_not_done_stands_in_the_log(
    log: MessageLog, clerk: Browser
) -> None:
    case_ref, message = await log.told()

    for reason, status in (("", 422), ("nicht nötig", 409)):
        before = await log.noted()
        answer = await do(clerk, case_ref, message, "told", reason)
        assert answer.status_code == status
        assert (await log.noted())[len(before) :] == [("messages_read", f"messages:{case_ref}")]


async def test_pages_about_messages_are_for_the_roles_that_need_them(log: MessageLog) -> None:
    case_ref, message = await log.told()
    pages = {
        "/messages": TELLS,
        f"/messages/cases/{case_ref}": TELLS,
        "/messages/texts": TELLS,
        "/messages/texts/card_ready": TELLS,
        "/messages/statistics": {Role.OPERATIONS},
        "/messages/statistics/table.csv": {Role.OPERATIONS},
    }
    for role in Role:
        browser = await log.desk.signed_in(role)
        for path, roles in pages.items():
            assert (await browser.get(path)).status_code == (200 if role in roles else 403), path
        if role not in TELLS:
            assert (await do(browser, case_ref, message, "stopped")).status_code == 403
    nobody = log.desk.browser()
    assert (await nobody.get("/messages")).status_code == 303


async def test_every_text_is_shown_in_each_language_and_on_each_way(clerk: Browser) -> None:
    listed = words(await clerk.get("/messages/texts"))
    german = words(await clerk.get("/messages/texts/appointment_booked"))
    arabic = await clerk.get("/messages/texts/appointment_booked", **{"in": "ar"})
    short = words(await clerk.get("/messages/texts/appointment_booked", by="sms"))
    cyrillic = words(
        await clerk.get("/messages/texts/appointment_booked", **{"in": "uk", "by": "sms"})
    )
    lacking = words(await clerk.get("/messages/texts/delivery_failed", **{"in": "tr"}))

    assert "34 Texte in 6 Sprachen" in listed
    assert "statt Arabisch, Französisch, Türkisch, Ukrainisch: Englisch" in listed
    assert "Gut lesbar: Schulstufe" in german
    assert 'lang="ar" dir="rtl"' in arabic.text
    assert "Ein Teil" in short
    assert "fasst eine SMS 70 Zeichen" in cyrillic
    assert "Diesen Text gibt es nicht auf Türkisch" in lacking
    for path in ("nosuch", "delivery_failed?by=sms", "card_ready?by=fax"):
        assert (await clerk.client.get(f"/messages/texts/{path}")).status_code in {404, 422}


@pytest.mark.parametrize("language", ["zz", "de_DE", "../../x", "\0", "klingon-xx-yy", ""])
async def test_of_what_is_no_language_there_is_no_text(clerk: Browser, language: str) -> None:
    for path in ("card_ready", "card_ready/letter.pdf"):
        answer = await clerk.get(f"/messages/texts/{path}", **{"in": language})
        assert (answer.status_code, "Diesen Text gibt es so nicht" in answer.text) == (404, True)


async def test_a_letter_is_shown_as_it_is_printed(clerk: Browser) -> None:
    found = await clerk.get("/messages/texts/card_ready/letter.pdf", **{"in": "uk"})

    assert found.headers["content-type"] == "application/pdf"
    assert found.content.startswith(b"%PDF")
    assert (await clerk.get("/messages/texts/delivery_failed/letter.pdf")).status_code == 404


async def test_what_became_of_messages_is_counted_without_what_is_about_few(
    log: MessageLog,
) -> None:
    operator = await log.desk.signed_in(Role.OPERATIONS)
    empty = words(await operator.get("/messages/statistics"))
    for number in range(20):
        _, message = await log.told()
        if number < 8:
            await log.notify.execute(BOUNCED, message)

    page = words(await operator.get("/messages/statistics"))
    heads, *rows = cells(await operator.get("/messages/statistics/table.csv"))
    figures = {(row[2], row[4]): row[5] for row in rows}
    await log.notify.execute(
        "UPDATE message SET state = 'delivered', reason = NULL, ended_at = now(), due_at = NULL"
        " WHERE id IN (SELECT id FROM message WHERE state = 'planned' LIMIT 3)"
    )
    few = words(await operator.get("/messages/statistics"))

    assert "Für diese Tage war keine Nachricht geplant" in empty
    assert "20 Nachrichten waren geplant. Von je 100 gingen raus: 40." in page
    assert heads == ["Von", "Bis", "Text", "Weg", "Was", "Nachrichten"]
    assert figures["Alle Texte", "Geplant"] == "20"
    assert figures["Ihr Antrag ist bei uns", "Gescheitert"] == "8"
    assert figures["Ihr Antrag ist bei uns", "Wartet"] == "12"
    assert "nicht gezeigt" in few
    assert ("exported", "message-statistics") in await log.noted()


async def test_a_month_beyond_all_calendars_is_refused(log: MessageLog) -> None:
    operator = await log.desk.signed_in(Role.OPERATIONS)

    for day in ("9999-12-31", "0001-01-01", "now"):
        assert (await operator.get("/messages/statistics", day=day)).status_code == 422


async def test_the_desk_reads_no_address_and_no_key(log: MessageLog) -> None:
    staff = log.desk.app.state.staff
    for forbidden in (
        "SELECT ciphertext FROM contact",
        "SELECT wrapped_key FROM contact_key",
        "UPDATE message SET contact_ref = NULL",
        "DELETE FROM message",
        "UPDATE intervention SET because = ''",
    ):
        with pytest.raises(Exception, match="permission denied"):
            await staff.pool.execute(forbidden)
