"""The dashboards as pages: each panel says what the processes tell, or that they don't."""

from collections.abc import Mapping, Sequence

import pytest
from lxml import html
from prometheus_client import REGISTRY

from deploy.dashboards.boards import BOARDS
from deploy.desk.settings import Watched
from services.controlling.accounts.account import Role
from shared.events.vocabulary import Channel, DrawReason
from shared.observe.gauges import CERTIFICATE_ENDS as CERTIFICATES
from shared.observe.gauges import PROMISED_UNTIL, REVIEWS_OVERDUE, CertificateUse
from shared.observe.metrics import (
    DECISIONS_DRAWN,
    HANDOVER_DURATION,
    HELD_ITEMS,
    LOOP_FAILURES,
    Loop,
)
from tests.integration.desk.parts import DEAD, Desk, process

pytestmark = pytest.mark.stack

OTHER = 3_000_000_000.0
"""A moment in 2065."""


async def page(
    desk: Desk, board: str, role: Role = Role.OPERATIONS, **watched: Watched
) -> html.HtmlElement:
    desk.pages.app.state.processes = watched
    browser = desk.operations if role is Role.OPERATIONS else await desk.pages.signed_in(role)
    answer = await browser.get(f"/operations/views/{board}".rstrip("/"))
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def text_of(element: html.HtmlElement) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def panel(found: html.HtmlElement, key: str) -> html.HtmlElement:
    return found.get_element_by_id(key)


def rows(found: html.HtmlElement, key: str) -> Mapping[tuple[str, ...], Sequence[str]]:
    """The lines of a panel: what their cells say but for numbers, and the numbers."""
    lines = {}
    for row in panel(found, key).xpath(".//tbody/tr"):
        numeric = row.xpath("./td[contains(@class, 'numeric')]")
        heads = tuple(text_of(cell) for cell in row if cell not in numeric)
        lines[heads] = [text_of(cell) for cell in numeric]
    return lines


def told(name: str, **labels: str) -> float:
    """What this process tells of a series."""
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None
    return value


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.key)
async def test_each_panel_of_a_dashboard_is_on_its_page(desk: Desk, board: object) -> None:
    [found] = [one for one in BOARDS if one is board]
    with process() as notify:
        shown = await page(desk, found.key, notify=notify)
    titles = [one.get("id") for one in shown.iter("section") if one.get("id")]
    assert titles == [one.key for one in found.panels]


async def test_a_level_stands_as_it_is(desk: Desk) -> None:
    HELD_ITEMS.of(Loop.DIGEST).set(3)
    try:
        with process() as notify:
            shown = await page(desk, "services", notify=notify)
    finally:
        HELD_ITEMS.of(Loop.DIGEST).set(0)
    assert rows(shown, "items_held")[("notify", "digest")] == ["3"]
    assert "nicht null" in text_of(panel(shown, "items_held"))


async def test_a_counter_says_what_it_has_counted_since_the_process_began(desk: Desk) -> None:
    LOOP_FAILURES.of(Loop.DIGEST).inc(2)
    with process() as notify:
        shown = await page(desk, "services", notify=notify)
        counted = told("gleichfall_loop_failures_total", loop="digest")
    assert rows(shown, "loops_failed")[("notify", "digest")] == [f"{counted:.0f}"]
    assert "Seit dem Start" in text_of(panel(shown, "loops_failed"))
    assert "nicht null" not in text_of(panel(shown, "loops_failed")), "it says nothing of now"


async def test_of_times_the_step_stands_within_which_most_stayed(desk: Desk) -> None:
    for _ in range(100):
        HANDOVER_DURATION.of(Channel.LETTER).observe(500)
    with process() as notify:
        shown = await page(desk, "notifications", notify=notify)
        number = told("gleichfall_notify_handover_duration_seconds_count", channel="letter")
    assert rows(shown, "until_handed_over")[("Brief",)] == [
        "10 Minuten",
        "10 Minuten",
        f"{number:.0f}",
    ]


async def test_a_share_stands_in_percent(desk: Desk) -> None:
    HANDOVER_DURATION.of(Channel.MAILBOX).observe(0.2)
    with process() as notify:
        shown = await page(desk, "notifications", notify=notify)
    assert "%" in text_of(panel(shown, "handed_over_within_a_second"))


async def test_a_moment_is_told_by_how_far_it_is_off_or_since_when_it_is_over(desk: Desk) -> None:
    PROMISED_UNTIL.set(1)
    CERTIFICATES.of(CertificateUse.KAFKA_OURS).set(OTHER)
    try:
        with process() as controlling:
            draw = await page(desk, "controlling", controlling=controlling)
            services = await page(desk, "services", controlling=controlling)
    finally:
        PROMISED_UNTIL.set(float("nan"))
        CERTIFICATES.forget(CertificateUse.KAFKA_OURS)
    assert "vorbei (" in text_of(panel(draw, "promised_ahead"))
    [[left]] = rows(services, "certificates_end").values()
    assert "Jahre" in left


async def test_a_few_cases_are_not_told(desk: Desk) -> None:
    DECISIONS_DRAWN.forget(DrawReason.TWIN)
    DECISIONS_DRAWN.of(DrawReason.TWIN).inc()
    REVIEWS_OVERDUE.set(3)
    try:
        with process() as controlling:
            shown = await page(desk, "controlling", controlling=controlling)
    finally:
        REVIEWS_OVERDUE.set(float("nan"))
    assert rows(shown, "decisions_drawn")[("ähnlicher Fall, anderes Ergebnis",)] == ["unter 7"]
    assert "unter 7" in text_of(panel(shown, "reviews_overdue"))


async def test_what_only_a_prometheus_knows_is_told_by_where_it_stands_instead(
    desk: Desk,
) -> None:
    with process() as notify:
        shown = await page(desk, "pipeline", notify=notify)
    assert "gleichfall reconcile" in text_of(panel(shown, "not_come_to"))


async def test_a_process_that_doesnt_answer_is_named(desk: Desk) -> None:
    with process() as intake:
        shown = await page(desk, "services", intake=intake, notify=DEAD)
    assert "Hier fehlt, was diese zählen: notify." in text_of(shown)


async def test_where_nobody_answers_no_panel_says_zero(desk: Desk) -> None:
    shown = await page(desk, "services", notify=DEAD)
    assert {text_of(one) for one in shown.find_class("empty")} == {
        "Dazu sagt gerade kein Prozess etwas."
    }


async def test_the_list_names_what_should_be_at_zero_and_isnt(desk: Desk) -> None:
    HELD_ITEMS.of(Loop.DIGEST).set(1)
    try:
        with process() as notify:
            shown = await page(desk, "", notify=notify)
    finally:
        HELD_ITEMS.of(Loop.DIGEST).set(0)
    assert "/operations/views/services#items_held" in shown.xpath("//tbody//a/@href")


async def test_the_overview_leads_there(desk: Desk) -> None:
    desk.pages.app.state.processes = {"notify": DEAD}
    assert 'href="/operations/views"' in (await desk.operations.get("/operations")).text


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
async def test_who_sees_the_overview_sees_the_views(desk: Desk, role: Role) -> None:
    shown = await page(desk, "pipeline", role)
    assert "Hier stünde, wie es jedem Prozess geht." in text_of(shown)


async def test_a_view_that_there_isnt_is_not_found(desk: Desk) -> None:
    assert (await desk.operations.get("/operations/views/other")).status_code == 404
