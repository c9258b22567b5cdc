"""Operations settle dead letters in the browser, with the guards of the command."""

import re
from collections.abc import Mapping
from html import unescape
from uuid import uuid4

import httpx
import pytest

from deploy.desk.dead_letters import pages
from shared.dead_letters import settlement
from shared.dead_letters.settlement import Operator
from shared.postgres.outbox import unpack_headers
from tests.integration.desk.parts import CUT_OFF, Desk, Lost

pytestmark = pytest.mark.stack

SAID = {"reason": "cut off by a proxy"}


async def act(desk: Desk, lost: Lost, what: str, form: Mapping[str, str]) -> httpx.Response:
    return await desk.operations.post(f"/operations/dead-letters/{lost.letter}/{what}", form)


def as_shown(lost: Lost) -> dict[str, str]:
    """What stands in the form of a letter that nobody has changed."""
    headers = "\r\n".join(f"{name}={(raw or b'').decode()}" for name, raw in lost.record.headers)
    return SAID | {"headers": headers, "value": (lost.record.value or b"").decode()}


async def shown(desk: Desk, lost: Lost) -> dict[str, str]:
    """What stands in the fields of a letter's page."""
    page = (await desk.operations.get(f"/operations/dead-letters/{lost.letter}")).text
    fields = re.findall(r'name="(value|headers)"[^>]*>\n([^<]*)</textarea>', page)
    assert len(fields) == 2
    return {name: unescape(text) for name, text in fields}


async def test_a_repaired_record_goes_to_its_old_place(desk: Desk) -> None:
    lost = await desk.gives_up()

    answer = await act(desk, lost, "replay", as_shown(lost) | {"value": lost.right.decode()})

    page = await desk.led_to(answer)
    assert "Es ist unterwegs." in page
    assert "cut off by a proxy" in page
    [record] = await desk.sent()
    assert (record["key"], record["value"]) == (lost.case.encode(), lost.right)
    assert sorted(unpack_headers(record["headers"])) == sorted(lost.record.headers)
    assert await desk.states(lost.letter) == {("replayed", desk.operator, SAID["reason"])}
    named = f"dead-letter:{lost.letter}"
    assert await desk.noted() == [("dead_letter_replayed", named), ("dead_letter_read", named)]


async def test_a_header_is_mended_by_its_line(desk: Desk) -> None:
    lost = await desk.gives_up(ce_specversion="9")
    lost = Lost(lost.letter, lost.case, lost.record, lost.right)
    form = as_shown(lost) | {"value": lost.right.decode()}
    form["headers"] = form["headers"].replace("ce_specversion=9", "ce_specversion=1.0")

    assert (await act(desk, lost, "replay", form)).status_code == 303

    [record] = await desk.sent()
    assert dict(unpack_headers(record["headers"]))["ce_specversion"] == b"1.0"


async def test_what_would_be_given_up_again_is_not_sent(desk: Desk) -> None:
    lost = await desk.gives_up()

    answer = await act(desk, lost, "replay", as_shown(lost))

    assert answer.status_code == 409
    assert "So würde es wieder aufgegeben" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert await desk.sent() == []
    assert await desk.states(lost.letter) == {("open", None, None)}
    assert {act for act, _ in await desk.noted()} == {"dead_letter_read"}


async def test_a_repair_moves_nothing(desk: Desk) -> None:
    lost = await desk.gives_up()
    form = as_shown(lost) | {"value": lost.right.decode()}
    form["headers"] = form["headers"].replace("ce_sequence=2", "ce_sequence=3")

    answer = await act(desk, lost, "replay", form)

    assert (answer.status_code, "ein anderes Ereignis" in answer.text) == (409, True)
    assert "sequence: 2 → 3" in answer.text
    assert "ce_sequence=3" in answer.text, "what was typed is still there"
    assert await desk.sent() == []


@pytest.mark.parametrize(
    ("line", "told"),
    [("no equals sign", "Zeile 1 des Kopfes"), ("ce_id=1\r\nce_id=2", "nennt ce_id zweimal")],
)
async def test_a_line_that_is_no_header_is_told(desk: Desk, line: str, told: str) -> None:
    lost = await desk.gives_up()
    answer = await act(desk, lost, "replay", as_shown(lost) | {"headers": line})
    assert (answer.status_code, told in answer.text) == (409, True)
    assert await desk.sent() == []


async def test_what_is_discarded_leaves_an_event_that_says_so(desk: Desk) -> None:
    lost = await desk.gives_up()

    answer = await act(desk, lost, "discard", SAID)

    assert "Es ist verworfen." in await desk.led_to(answer)
    [record] = await desk.sent()
    headers = dict(unpack_headers(record["headers"]))
    assert headers["ce_sequence"] == b"2"
    assert b"discarded" in (headers["ce_type"] or b"")
    assert await desk.states(lost.letter) == {("discarded", desk.operator, SAID["reason"])}
    assert await desk.noted() == [
        ("dead_letter_discarded", f"dead-letter:{lost.letter}"),
        ("dead_letter_read", f"dead-letter:{lost.letter}"),
    ]


async def test_a_place_that_nobody_can_read_is_asked_for(desk: Desk) -> None:
    lost = await desk.gives_up(ce_sequence="two")

    answer = await act(desk, lost, "discard", SAID)
    assert (answer.status_code, "Tragen Sie seinen Platz ein" in answer.text) == (409, True)

    answer = await act(desk, lost, "discard", SAID | {"sequence": "2"})
    assert answer.status_code == 303
    assert len(await desk.sent()) == 1


async def test_a_record_of_somebody_else_is_acknowledged_and_nothing_else(desk: Desk) -> None:
    lost = await desk.gives_up(sequence=9)

    for what in ("replay", "discard"):
        answer = await act(desk, lost, what, as_shown(lost) | {"value": lost.right.decode()})
        assert (answer.status_code, "nennt sich Nummer 9" in answer.text) == (409, True)
    answer = await act(desk, lost, "acknowledge", SAID)

    assert answer.status_code == 303
    assert await desk.sent() == []
    assert await desk.states(lost.letter) == {("acknowledged", desk.operator, SAID["reason"])}


async def test_one_of_ours_is_not_waved_aside(desk: Desk) -> None:
    lost = await desk.gives_up()
    answer = await act(desk, lost, "acknowledge", SAID)
    assert (answer.status_code, "Es kann von uns sein" in answer.text) == (409, True)
    assert await desk.states(lost.letter) == {("open", None, None)}


async def test_what_never_arrived_is_opened_again(desk: Desk) -> None:
    lost = await desk.gives_up()
    await act(desk, lost, "replay", as_shown(lost) | {"value": lost.right.decode()})

    waits = await act(desk, lost, "reopen", SAID)
    assert (waits.status_code, "Es wartet noch darauf" in waits.text) == (409, True)

    await desk.services["intake"].execute("DELETE FROM outbox")  # it left, and Kafka was restored
    assert (await act(desk, lost, "reopen", SAID)).status_code == 303
    assert await desk.states(lost.letter) == {("open", None, None)}


@pytest.mark.parametrize("done", ["replayed", "discarded", "acknowledged", "settled before"])
async def test_no_address_says_that_something_was_done_that_nobody_did(
    desk: Desk, done: str
) -> None:
    lost = await desk.gives_up()
    page = await desk.operations.get(f"/operations/dead-letters/{lost.letter}", done=done)
    assert (page.status_code, "kern-alert" in page.text) == (200, False)


async def test_a_form_that_came_late_is_told_who_decided_meanwhile(desk: Desk) -> None:
    lost = await desk.gives_up()
    async with desk.services["intake"].acquire():
        await settlement.discard(desk.owner, lost.letter, Operator("ops-7", "<b>sent twice</b>"))

    answer = await act(desk, lost, "replay", as_shown(lost) | {"value": lost.right.decode()})

    assert answer.status_code == 409
    assert "anders entschieden" in answer.text
    assert "ops-7: &lt;b&gt;sent twice&lt;/b&gt;" in answer.text
    again = await act(desk, lost, "discard", SAID)
    page = await desk.led_to(again)
    assert "Das war schon erledigt" in page
    assert {act for act, _ in await desk.noted()} == {"dead_letter_read"}


@pytest.mark.parametrize("what", ["replay", "discard", "acknowledge", "reopen"])
async def test_nothing_is_done_without_a_reason(desk: Desk, what: str) -> None:
    lost = await desk.gives_up()
    answer = await act(desk, lost, what, as_shown(lost) | {"reason": " \r\n"})
    assert (answer.status_code, "Schreiben Sie, warum" in answer.text) == (409, True)
    assert await desk.states(lost.letter) == {("open", None, None)}


async def test_who_sees_a_record_beside_an_act_that_was_not_done_stands_in_the_log(
    desk: Desk,
) -> None:
    lost = await desk.gives_up(value=b"read without a word")
    for form in ({"reason": ""}, SAID):
        before = await desk.noted()
        answer = await act(desk, lost, "acknowledge", form)
        assert (answer.status_code, "read without a word" in answer.text) == (409, True)
        read = ("dead_letter_read", f"dead-letter:{lost.letter}")
        assert (await desk.noted())[len(before) :] == [read]


@pytest.mark.parametrize("sign", ["a", "ü", "€", "\U0001f600"])
async def test_whatever_a_form_shows_it_can_send(desk: Desk, sign: str) -> None:
    lost = await desk.gives_up(value=(sign * 40_000).encode())
    answer = await act(desk, lost, "replay", SAID | await shown(desk, lost))
    assert (answer.status_code, "So würde es wieder aufgegeben" in answer.text) == (409, True)


async def test_a_header_that_is_too_long_for_a_form_stays_as_it_is(desk: Desk) -> None:
    lost = await desk.gives_up(ce_foreign="a" * 50_000)
    form = SAID | await shown(desk, lost) | {"value": lost.right.decode()}
    assert (await act(desk, lost, "replay", form)).status_code == 303
    [record] = await desk.sent()
    assert sorted(unpack_headers(record["headers"])) == sorted(lost.record.headers)


async def test_what_others_wrote_steers_no_page(desk: Desk) -> None:
    script = "</textarea><script>alert(1)</script>"
    lost = await desk.gives_up(value=script.encode(), ce_foreign=script)
    page = (await desk.operations.get(f"/operations/dead-letters/{lost.letter}")).text
    assert script not in page
    assert page.count("&lt;/textarea&gt;&lt;script&gt;") == 2


async def test_a_value_that_is_no_text_is_shown_and_can_be_replaced(desk: Desk) -> None:
    lost = await desk.gives_up(value=b"\xff\xfe")
    page = (await desk.operations.get(f"/operations/dead-letters/{lost.letter}")).text
    assert "//4=" in page
    form = as_shown(Lost(lost.letter, lost.case, lost.record._replace(value=b""), lost.right))
    assert (await act(desk, lost, "replay", form)).status_code == 409
    mended = form | {"value": lost.right.decode()}
    assert (await act(desk, lost, "replay", mended)).status_code == 303


async def test_lists_show_what_is_open_and_whom_it_holds_up(desk: Desk) -> None:
    lost, settled = await desk.gives_up(), await desk.gives_up()
    await act(desk, settled, "discard", SAID)

    shown = (await desk.operations.get("/operations/dead-letters", service="notify")).text
    assert (lost.case in shown, settled.case in shown) == (True, False)
    assert "Der Inhalt ist kein JSON" in shown
    every = (await desk.operations.get("/operations/dead-letters", settled="true")).text
    assert settled.case in every
    waiting = (await desk.operations.get("/operations/parked")).text
    assert "wurde aufgegeben" in waiting
    assert f'href="/operations/dead-letters/{lost.letter}"' in waiting


async def test_cases_that_wait_stand_on_pages_the_longest_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 2)
    cases = [(await desk.gives_up()).case for _ in range(3)]  # each in controlling and notify
    address, shown = "/operations/parked", list[str]()
    while address:
        page = (await desk.operations.client.get(address)).text
        assert "In 6 Fällen warten" in page
        found = re.findall(rf">({'|'.join(cases)})<", page)
        assert len(found) == 2
        shown += found
        address = unescape("".join(re.findall(r'href="([^"]*)" rel="next"', page)))
    assert shown == [case for case in cases for _ in range(2)]
    of_one = (await desk.operations.get("/operations/parked", service="notify")).text
    assert "In 3 Fällen warten" in of_one
    assert (await desk.operations.get("/operations/parked", after="[]")).status_code == 422


async def test_a_letter_that_nobody_has_is_no_page(desk: Desk) -> None:
    nobody = Lost(uuid4(), "", (await desk.gives_up()).record, CUT_OFF)
    page = await desk.operations.get(f"/operations/dead-letters/{nobody.letter}")
    assert page.status_code == 404
    for what in ("replay", "discard", "acknowledge", "reopen"):
        assert (await act(desk, nobody, what, SAID)).status_code == 404
