"""Operations let held items go, or give them up, in the browser."""

from uuid import UUID, uuid4

import pytest

from deploy.desk.held_items.pages import MOST
from shared.errors import PermanentError
from shared.held_items.holding import Holding
from shared.held_items.store import HeldItems, State, Wanted, settle
from shared.observe.metrics import Loop
from tests.integration.desk.parts import Desk

pytestmark = pytest.mark.stack

SAID = {"reason": "document restored", "seen": "held"}


class DocumentMissing(PermanentError):
    """What a loop of this test fails on."""


async def held(desk: Desk, item: str = "policy-7") -> UUID:
    """Let a loop of controlling hold an item."""
    pool = desk.services["controlling"]
    async with Holding(HeldItems(pool), Loop.PERIOD_OPENER).item(item):
        raise DocumentMissing("<i>no such document</i>")
    found: UUID = await pool.fetchval("SELECT id FROM held_item WHERE item = $1", item)
    return found


async def state(desk: Desk, item: UUID) -> tuple[str, str | None, str | None]:
    row = await desk.services["controlling"].fetchrow(
        "SELECT state, settled_by, settled_because FROM held_item WHERE id = $1", item
    )
    assert row is not None
    return row["state"], row["settled_by"], row["settled_because"]


async def test_an_item_is_let_go_and_the_log_tells_who_did_it(desk: Desk) -> None:
    item = await held(desk)
    shown = (await desk.operations.get("/operations/held-items", service="controlling")).text
    assert f'href="/operations/held-items/{item}"' in shown
    assert "&lt;i&gt;" in (await desk.operations.get(f"/operations/held-items/{item}")).text

    page = await desk.led_to(
        await desk.operations.post(f"/operations/held-items/{item}/retry", SAID)
    )

    assert "Es ist freigegeben." in page
    assert await state(desk, item) == ("retrying", desk.operator, SAID["reason"])
    assert await desk.noted() == [("held_item_retried", f"held-item:{item}")]


async def test_an_item_is_given_up_and_taken_back(desk: Desk) -> None:
    item = await held(desk)
    address = f"/operations/held-items/{item}"
    page = await desk.led_to(await desk.operations.post(f"{address}/dismiss", SAID))
    assert "Es ist fallen gelassen." in page
    assert f"{address}/dismiss" not in page
    gone = SAID | {"seen": "dismissed"}
    await desk.led_to(await desk.operations.post(f"{address}/retry", gone))
    assert (await state(desk, item))[0] == "retrying"


async def test_a_form_that_came_late_changes_nothing_and_shows_who_was_first(desk: Desk) -> None:
    item = await held(desk)
    await settle(desk.owner, item, Wanted(State.RETRYING, "ops-7", "<b>mended</b>"))

    page = await desk.led_to(
        await desk.operations.post(f"/operations/held-items/{item}/retry", SAID)
    )

    assert "Daran war nichts mehr zu tun" in page
    assert "ops-7: &lt;b&gt;mended&lt;/b&gt;" in page
    assert await desk.noted() == []


@pytest.mark.parametrize(
    ("first", "what"), [(State.DISMISSED, "retry"), (State.RETRYING, "dismiss")]
)
async def test_a_form_from_before_takes_nothing_back_that_somebody_decided_meanwhile(
    desk: Desk, first: State, what: str
) -> None:
    item = await held(desk)
    page = (await desk.operations.get(f"/operations/held-items/{item}")).text
    await settle(desk.owner, item, Wanted(first, "ops-7", "the provider has it"))

    assert '<input type="hidden" name="seen" value="held">' in page
    late = await desk.led_to(
        await desk.operations.post(f"/operations/held-items/{item}/{what}", SAID)
    )

    assert "Jemand war schneller und hat anders entschieden" in late
    assert "ops-7: the provider has it" in late
    assert await state(desk, item) == (first, "ops-7", "the provider has it")
    assert await desk.noted() == []


@pytest.mark.parametrize("done", ["retrying", "dismissed", "before", "otherwise"])
async def test_no_address_says_that_something_was_done_that_nobody_did(
    desk: Desk, done: str
) -> None:
    item = await held(desk)
    page = await desk.operations.get(f"/operations/held-items/{item}", done=done)
    assert (page.status_code, "kern-alert" in page.text) == (200, False)


@pytest.mark.parametrize("what", ["retry", "dismiss"])
async def test_nothing_is_done_without_a_reason(desk: Desk, what: str) -> None:
    item = await held(desk)
    answer = await desk.operations.post(
        f"/operations/held-items/{item}/{what}", SAID | {"reason": " "}
    )
    assert (answer.status_code, "Schreiben Sie, warum" in answer.text) == (422, True)
    assert await state(desk, item) == ("held", None, None)


async def test_an_item_that_nobody_has_is_no_page(desk: Desk) -> None:
    address = f"/operations/held-items/{uuid4()}"
    assert (await desk.operations.get(address)).status_code == 404
    for what in ("retry", "dismiss"):
        assert (await desk.operations.post(f"{address}/{what}", SAID)).status_code == 404


async def test_a_list_ends_and_says_so_with_the_oldest_of_all_services(desk: Desk) -> None:
    for age, service in enumerate(("intake", "controlling", "notify")):
        await desk.owner.execute(
            f"INSERT INTO {service}.held_item (loop, item, reason, first_failed_at) "
            "SELECT 'retention', $1 || number, 'full', now() - number * interval '1 minute' "
            "- $2 * interval '1 day' FROM generate_series(1, $3::integer) AS number",
            f"{service}-",
            age,
            MOST // 2,
        )
    text = (await desk.operations.get("/operations/held-items")).text
    assert f"Hier stehen nur die ersten {MOST}." in text
    assert (text.count(">notify-"), text.count(">controlling-"), text.count(">intake-")) == (
        MOST // 2,
        MOST // 2,
        0,
    )
    assert text.index(">notify-100<") < text.index(">notify-1<") < text.index(">controlling-100<")
    whole = (await desk.operations.get("/operations/held-items", service="notify")).text
    assert "Hier stehen nur" not in whole
