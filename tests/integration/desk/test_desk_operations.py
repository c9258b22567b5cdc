"""The page of operations: what runs, what waits, and what doesn't answer."""

import asyncio

import pytest
from click.testing import CliRunner
from lxml import html

from deploy.command_line import gleichfall
from deploy.desk.settings import Watched
from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from shared.kafka.topics import apply_topics
from shared.observe.metrics import BUILD, Version
from tests.integration.desk.parts import DEAD, Desk, process

pytestmark = pytest.mark.stack


async def page(desk: Desk, role: Role = Role.OPERATIONS, **watched: Watched) -> str:
    desk.pages.app.state.processes = watched
    browser = desk.operations if role is Role.OPERATIONS else await desk.pages.signed_in(role)
    answer = await browser.get("/operations")
    assert answer.status_code == 200
    return answer.text


def waiting(text: str) -> dict[str, dict[str, str]]:
    """What the page says waits, by service and head of the column."""
    tables = html.fromstring(text).iter("table")
    table = next(one for one in tables if one.findtext("caption") == "Was wartet")
    heads, *lines = [
        [" ".join("".join(map(str, cell.itertext())).split()) for cell in row]
        for row in table.iter("tr")
    ]
    return {line[0]: dict(zip(heads, line, strict=True)) for line in lines}


async def test_when_all_is_well_the_first_line_says_so(desk: Desk) -> None:
    BUILD.of(Version("9.8.7"), Version("3.11.0")).set(1)
    with process() as intake:
        text = await page(desk, intake=intake)
    assert "Alles läuft, und nichts wartet auf Sie." in text
    assert "9.8.7" in text
    assert "auf dem Stand" in text
    assert "desk_database_password" in text, "the age of what the desk itself may read"


async def test_what_doesnt_answer_and_what_lacks_something_is_a_line_each(desk: Desk) -> None:
    with process({"consumer": "<b>Kafka does not answer</b>"}) as notify:
        text = await page(desk, notify=notify, intake=DEAD)
    assert "2 Prozesse können nicht alles tun" in text
    assert "antwortet nicht" in text
    assert "consumer: &lt;b&gt;Kafka does not answer&lt;/b&gt;" in text


async def test_what_waits_is_counted_and_leads_to_where_it_is_settled(desk: Desk) -> None:
    await desk.gives_up()
    text = await page(desk)
    assert "2 Sachen warten, bis jemand sie erledigt." in text
    assert 'href="/operations/dead-letters?service=notify"' in text
    seen = await page(desk, Role.ADMIN)
    assert "2 Sachen warten" in seen
    assert "/operations/dead-letters" not in seen, "who may not open it isn't led there"


READS = """
# TYPE gleichfall_consumer_records_total counter
gleichfall_consumer_records_total{topic="case-events",outcome="applied"} 3.0
"""
READING = f"""{READS}
# TYPE gleichfall_consumer_lag_records gauge
gleichfall_consumer_lag_records{{topic="case-events",partition="0"}} 0.0
# TYPE gleichfall_consumer_lag_age_seconds gauge
gleichfall_consumer_lag_age_seconds{{topic="case-events",partition="0"}} 0.0
"""


@pytest.mark.parametrize("stopped", [True, False])
async def test_what_a_process_doesnt_tell_is_counted_in_the_database(
    desk: Desk, *, stopped: bool
) -> None:
    await desk.gives_up()
    with process(figures=READS) as notify, process(figures="") as workbench:
        text = await page(desk, notify=notify if stopped else DEAD, workbench=workbench)
    assert ("liest zurzeit nicht" in text) == stopped
    assert {name: row["Noch nicht erreicht"] for name, row in waiting(text).items()} == {
        "intake": "liest keine Ereignisse",
        "controlling": "2",
        "notify": "2",
    }


async def test_where_every_consumer_tells_what_it_has_to_read_no_subject_is_counted(
    desk: Desk,
) -> None:
    await desk.gives_up()
    with process(figures=READING) as notify, process(figures="") as workbench:
        text = await page(desk, notify=notify, workbench=workbench)
    assert "Noch nicht erreicht" not in text
    assert "liest keine Ereignisse" in text


async def test_what_a_migration_lacks_is_told(desk: Desk) -> None:
    try:
        await desk.owner.execute(
            "CREATE TABLE kept AS SELECT * FROM notify.migration; "
            "DELETE FROM notify.migration WHERE name = '0009_pre_desk'"
        )
        assert "Schritte fehlen: 1" in await page(desk)
        await desk.owner.execute("UPDATE notify.migration SET checksum = 'edited'")
        assert "angewandte Schritte wurden verändert" in await page(desk)
    finally:
        await desk.owner.execute(
            "DELETE FROM notify.migration; INSERT INTO notify.migration TABLE kept; DROP TABLE kept"
        )


async def test_the_last_reconciliation_is_shown(desk: Desk, stack: Addresses) -> None:
    assert "Noch hat niemand abgeglichen" in await page(desk)
    await apply_topics(stack.brokers)

    lost = await desk.gives_up()
    arguments = ["reconcile", "--wait", "0", "--database-url", stack.database_url]
    environment = {"KAFKA_BOOTSTRAP_SERVERS": stack.kafka_bootstrap_servers}
    await asyncio.to_thread(CliRunner().invoke, gleichfall, arguments, env=environment)
    text = await page(desk)
    assert "Zuletzt abgeglichen" in text
    assert lost.case not in text


async def test_the_page_comes_anew_for_who_asks_for_it(desk: Desk) -> None:
    asked = await desk.operations.get("/operations", refresh="true")
    assert asked.headers["refresh"] == "30; url=/operations?refresh=true&left=59"
    assert "Anhalten" in asked.text
    assert "refresh" not in (await desk.operations.get("/operations")).headers


async def test_a_page_that_comes_anew_by_itself_keeps_no_session_for_ever(desk: Desk) -> None:
    address, times = "/operations?refresh=true&left=2", 0
    while "refresh" in (answer := await desk.operations.client.get(address)).headers:
        address, times = answer.headers["refresh"].partition("url=")[2], times + 1
    assert times == 2
    assert "Anhalten" not in answer.text
