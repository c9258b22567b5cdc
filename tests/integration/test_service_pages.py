"""The pages of the service say what was counted, and tell of nobody."""

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest

from services.controlling.accounts.account import Role
from services.controlling.service_figures.clocks import Clocks
from services.controlling.service_figures.lead_time import LOOKED_BACK
from services.controlling.service_figures.loop import FigureCounter
from services.controlling.service_figures.raising import AlarmRaiser
from services.controlling.service_figures.ways import COMPLETE
from shared.configuration.places import ORGANISATION
from shared.events.catalogue.appointment import (
    AppointmentAttended,
    AppointmentBooked,
    AppointmentCapacityPublished,
)
from shared.events.catalogue.case import ApplicationReceived, DocumentsRequested
from shared.events.catalogue.office import (
    CallAnswered,
    CallCalledBack,
    CallReceived,
    EmergencyWindowOpened,
    EmergencyWindowSlotBooked,
    StaffingChanged,
    VisitorRedirected,
)
from shared.events.catalogue.submission import SubmissionArrived
from shared.events.event import Event, new_event
from shared.events.registry import Facts
from shared.events.vocabulary import CallOutcome, IntakeChannel, Misdirection
from shared.observe.metrics import Loop
from shared.organisation.file import load_organisation
from tests.integration.controlling_helpers import (
    about,
    apply,
    case_events,
    decided,
    holding_of,
    office_events,
    policy,
)
from tests.integration.test_held_reviews import held
from tests.integration.workbench_helpers import Browser, Workbench, cells

pytestmark = pytest.mark.stack

NOTHING = policy()
CLOCKS = Clocks.of(load_organisation(ORGANISATION))
CALENDAR = CLOCKS.calendar
NOW = datetime.now(UTC)
OFFICE = "kaiserallee"
SERVICE = "residence-work"
TOLD = (CALENDAR.day_of(NOW) - COMPLETE).replace(day=1) - timedelta(days=15)
"""A day of the latest month that may be told."""
numbers = count(1)


def at_the_office(facts: Facts) -> Event:
    return new_event("urn:test", OFFICE, facts, time=NOW)._replace(sequence=next(numbers))


async def a_day(pages: Workbench) -> None:
    """Ten calls, nine of them answered soon; a counter with three bookings and two slots."""
    day = CALENDAR.day_of(NOW)
    facts: list[Facts] = [CallReceived(line="direct") for _ in range(10)]
    facts += [CallAnswered(line="direct", waited_seconds=75) for _ in range(9)]
    facts += [EmergencyWindowOpened(office=OFFICE, day=day, slots=2)]
    facts += [EmergencyWindowSlotBooked(office=OFFICE, starts=NOW) for _ in range(3)]
    await apply(pages.pool, office_events(NOTHING), *map(at_the_office, facts))
    await FigureCounter(pages.pool, CLOCKS, holding_of(pages.pool, Loop.SERVICE_FIGURES)).look()


async def applied(
    pages: Workbench, number: int, days_ago: int, service: str = "residence-work"
) -> None:
    facts = ApplicationReceived(channel=IntakeChannel.ONLINE, service_key=service, unit="unit-2")
    event = about(number, facts, NOW - timedelta(days=days_ago))
    await apply(pages.pool, case_events(NOTHING), event._replace(sequence=1))


async def table(browser: Browser, path: str, **asked: str) -> list[dict[str, str]]:
    answer = await browser.get(path, **asked)
    assert answer.status_code == 200, answer.text
    heads, *rows = cells(answer)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def words(page: str) -> str:
    return words_in(page.split("<main")[1])


def words_in(markup: str) -> str:
    plain = re.sub(r"<[^>]+>", " ", markup).replace("&nbsp;", " ").replace("\xa0", " ")
    return re.sub(r"\s+", " ", plain).strip()


async def test_today_says_how_counter_and_telephone_stand(pages: Workbench) -> None:
    await a_day(pages)
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/today")).text)
    assert "Anrufe: 10. Binnen 3 Minuten angenommen wurden von 100: 90." in page
    assert "Das Ziel sind 80; es ist erreicht" in page
    assert "Überbucht um 1" in page
    assert "Gebucht zu einer Zeit, die schon vergeben war: 2." in page
    assert "Überbucht Zur selben Zeit gebucht" in page
    assert re.search(r"geöffnet Alarm 2 3 100 % 1 2\b", page), "three bookings of one time"
    assert f"seit {NOW.astimezone(CALENDAR.zone):%H:%M} Uhr" in page
    assert "1:15 min" in page.replace("&nbsp;", " ")
    assert "Durchwahl" in page
    english = words((await leader.get("/today", language="en")).text)
    assert "Calls: 10." in english
    assert "Direct line" in english


async def test_today_says_how_long_one_waits_for_an_appointment(pages: Workbench) -> None:
    today = CALENDAR.day_of(NOW)
    day = CALENDAR.add_working_days(today + timedelta(days=1), 2)
    capacity = AppointmentCapacityPublished(
        office=OFFICE, service_key="residence-work", day=day, slots=3
    )
    await apply(pages.pool, office_events(NOTHING), at_the_office(capacity))
    await FigureCounter(pages.pool, CLOCKS, holding_of(pages.pool, Loop.SERVICE_FIGURES)).look()
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/today")).text)
    assert "binnen 10 Arbeitstagen ein Termin frei ist: 1 von 1." in page
    rows = await table(leader, "/today/table.csv")
    free = [row for row in rows if row["Zahl"] == "Erster freier Termin in Arbeitstagen"]
    [first] = [row for row in free if row["Bereich"] == "Terminvorlauf"]
    assert (first["Ort"], first["Schlüssel"], first["Wert"]) == (
        "Aufenthaltserlaubnis zur Erwerbstätigkeit",
        "residence-work",
        "3",
    )
    course = [row for row in free if row["Bereich"] == "Terminvorlauf nach Tagen"]
    told = int(CALENDAR.on_or_before(today) == today)  # whoever looks on a free day sees none yet
    untold = LOOKED_BACK + 1 - told
    assert [row["Wert"] for row in course] == [*["3"] * told, *[""] * untold]
    of_days = (await leader.get("/today")).text.split('<svg class="course"')[1]
    chart, _, days = of_days.split("</details>")[0].partition("</svg>")
    assert chart.count('class="course__none"') == untold
    assert chart.count("<rect") == LOOKED_BACK + 1
    assert words_in(days).count("\N{EN DASH}") >= untold


async def test_what_waits_is_hidden_where_it_is_about_few(pages: Workbench) -> None:
    for number in range(5):
        await applied(pages, number, 100)
    leader = await pages.signed_in(Role.LEADERSHIP)
    assert "Wie viele Anträge warten, wird nicht gezeigt" in words(
        (await leader.get("/today")).text
    )
    for number in range(5, 12):
        await applied(pages, number, 100)
    assert "12 Anträge warten" in words((await leader.get("/today")).text)
    rows = await table(leader, "/today/table.csv")
    waiting = [row for row in rows if row["Zahl"] == "Noch offen"]
    *days, last = [row["Wert"] for row in waiting if row["Ort"] == "Ganze Behörde"]
    assert (last, set(days)) == ("12", {"0"})
    assert [row["Wert"] for row in waiting if row["Schlüssel"] == "unit-2"] == ["12"]


async def test_without_anything_known_the_page_says_what_will_stand_there(
    pages: Workbench,
) -> None:
    operations = await pages.signed_in(Role.OPERATIONS)
    page = words((await operations.get("/today")).text)
    assert "In diesen Tagen ist kein Anruf gemeldet" in page


async def test_when_nothing_is_told_any_more_the_last_weeks_stand_there(pages: Workbench) -> None:
    call = new_event("urn:test", OFFICE, CallReceived(line="direct"), time=NOW - timedelta(days=99))
    await apply(pages.pool, office_events(NOTHING), call._replace(sequence=next(numbers)))
    await FigureCounter(pages.pool, CLOCKS, holding_of(pages.pool, Loop.SERVICE_FIGURES)).look()
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/today")).text)
    assert "Aus den letzten vier Wochen ist nichts gemeldet" in page
    assert "Anrufe: 1." in page
    await a_day(pages)
    assert "ist nichts gemeldet Gezeigt" not in words((await leader.get("/today")).text)


async def test_a_unit_is_chosen_and_its_head_may_choose_no_other(pages: Workbench) -> None:
    for number in range(10):
        await applied(pages, number, 100)
    for number in range(10, 18):
        await applied(pages, number, 100, "residence-education")
    leader = await pages.signed_in(Role.LEADERSHIP)
    assert "18 Anträge warten" in words((await leader.get("/today")).text)
    page = words((await leader.get("/today", unit="unit-2")).text)
    assert "10 Anträge warten" in page
    assert "Alles andere gilt für die ganze Behörde" in page
    rows = await table(leader, "/today/table.csv", unit="unit-1")
    assert [row["Wert"] for row in rows if row["Zahl"] == "Noch offen"][-1] == "8"
    assert (await leader.get("/today", unit="unheard")).status_code == 422
    head = await pages.signed_in(Role.UNIT_HEAD)  # of unit-1
    assert "8 Anträge warten" in words((await head.get("/today", unit="unit-1")).text)
    for path in ("/today", "/today/table.csv"):
        assert (await head.get(path, unit="unit-2")).status_code == 403


async def test_what_lies_online_stands_in_the_work_list(pages: Workbench) -> None:
    facts = SubmissionArrived(submission_id="submission-" + "a" * 26, service_key="residence-work")
    await apply(pages.pool, case_events(NOTHING), about(1, facts, NOW)._replace(sequence=1))
    leader = await pages.signed_in(Role.LEADERSHIP)
    rows = {row["Frist"]: row["Tage übrig"] for row in await table(leader, "/clocks/list.csv")}
    assert rows == {
        "Drei Tage, um online Eingereichtes abzuholen": "3",
        "14 Tage, bis online Eingereichtes zurückgewiesen wird": "14",
    }
    assert "enden oder vorbei sind: 2" in words((await leader.get("/clocks")).text)


async def test_today_says_who_came_in_vain_and_how_much_comes_to_each_post(
    pages: Workbench,
) -> None:
    facts: list[Facts] = [StaffingChanged(posts=41, vacant=3.95)]
    facts += [VisitorRedirected(office=OFFICE, misdirection=Misdirection.WRONG_CHANNEL)] * 2
    await apply(pages.pool, office_events(NOTHING), *map(at_the_office, facts))
    for number in range(10):
        await applied(pages, number, 1)
    counter = FigureCounter(pages.pool, CLOCKS, holding_of(pages.pool, Loop.SERVICE_FIGURES))
    while await counter.look():
        pass
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/today")).text)
    assert "Weitergeschickt, ohne bedient zu werden: 2." in page
    assert "Besetzte Stellen der ganzen Behörde: 37,05." in page
    assert "Offene Anträge je besetzter Stelle 0,27" in page


@pytest.mark.parametrize("language", ["de", "en"])
async def test_above_each_table_with_bars_stands_what_a_full_one_is(
    pages: Workbench, language: str
) -> None:
    await a_day(pages)
    await a_week_of_decisions(pages)
    await applied(pages, 1_000, 80)
    leader = await pages.signed_in(Role.LEADERSHIP)
    with_bars = 0
    for path in ("/today", "/process", "/clocks"):
        page = (await leader.get(path, language=language)).text
        for one in page.split("</table>")[:-1]:
            scales = re.findall(r'class="kern-body scale">([^<]+)</p>', one)
            has_bars = 'class="bar"' in one
            assert len(scales) == has_bars, (path, words_in(one)[:300])
            assert all(re.search(r"(steht|stands) (für|for) [\w ]", said) for said in scales)
            with_bars += has_bars
    assert with_bars > 5


async def test_the_file_has_every_number_of_the_tables(pages: Workbench) -> None:
    await a_day(pages)
    back = CallCalledBack(line="direct", age_seconds=4711, outcome=CallOutcome.REACHED)
    sent_on = VisitorRedirected(office=OFFICE, misdirection=Misdirection.WRONG_CHANNEL)
    facts = [StaffingChanged(posts=41, vacant=3.95), *[back] * 7, *[sent_on] * 13]
    await apply(pages.pool, office_events(NOTHING), *map(at_the_office, facts))
    for number in range(17):
        await applied(pages, number, 1)
        await came(pages, number, waited_seconds=100 + number)
    counter = FigureCounter(pages.pool, CLOCKS, holding_of(pages.pool, Loop.SERVICE_FIGURES))
    while await counter.look():
        pass
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = (await leader.get("/today")).text
    shown = re.findall(r'<td class="[^"]*--numeric">(.*?)</td>', page, re.DOTALL)
    numbers = {number_of(words_in(cell)) for cell in shown} - {None}
    assert numbers > {10, 90, 75, 7, 17, 108, 115, 13, 0.46}
    rows = await table(leader, "/today/table.csv")
    assert numbers <= {number_of(row["Wert"]) for row in rows}
    values = {(row["Schlüssel"], row["Zahl"]): row["Wert"] for row in rows}
    assert values["direct", "Zeit bis zum Rückruf der Hälfte höchstens"] == "4711"
    assert values[OFFICE, "Bedient"] == "17"


async def came(pages: Workbench, number: int, waited_seconds: int) -> None:
    """Somebody who had booked, and was served."""
    name = f"appointment-{chr(ord('a') + number) * 26}"
    facts = (
        AppointmentBooked(appointment_id=name, service_key=SERVICE, office=OFFICE, starts=NOW),
        AppointmentAttended(appointment_id=name, waited_seconds=waited_seconds),
    )
    events = [
        about(number, one, NOW)._replace(sequence=place) for place, one in enumerate(facts, 2)
    ]
    await apply(pages.pool, case_events(NOTHING), *events)


def number_of(cell: str) -> float | None:
    """What a cell of the page or the file says: minutes in seconds, shares of 100."""
    text = cell.removesuffix("%").removesuffix("min").strip()
    minutes, colon, seconds = text.rpartition(":")
    if re.fullmatch(r"[0-9.,:]+", text) is None:
        return None
    plain = float(seconds.replace(".", "").replace(",", "."))
    return 60 * int(minutes) + plain if colon else plain


async def test_how_decisions_came_about_is_told_by_service(pages: Workbench) -> None:
    await a_week_of_decisions(pages)
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/process")).text)
    assert "Entscheidungen: 17." in page
    assert "bei der Hälfte höchstens: 20; bei 9 von 10 höchstens: 100." in page
    one = words((await leader.get("/process", service="residence-work")).text)
    assert "Entscheidungen: 9." in one
    assert "Von je 100 kamen später als drei Monate nach dem Antrag: 0." in one
    assert (await leader.get("/process", service="unheard")).status_code == 422
    rows = await table(leader, "/process/table.csv")
    late = {row["Leistung"]: row["Wert"] for row in rows if row["Zahl"] == "Später als drei Monate"}
    assert late["Alle Entscheidungen"] == "8"
    assert "Decisions: 17." in words((await leader.get("/process", language="en")).text)


async def test_a_month_is_chosen_among_those_that_may_be_told(pages: Workbench) -> None:
    before = TOLD.replace(day=1) - timedelta(days=1)
    await a_week_of_decisions(pages)
    await decide(pages, before, [("residence-work", 20)] * 11, first=100)
    await decide(pages, CALENDAR.day_of(NOW), [("residence-work", 20)] * 12, first=200)
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = (await leader.get("/process")).text
    offered = re.findall(r'<option value="([^"]*)"', page)
    assert offered == [f"{TOLD:%Y-%m}", f"{before:%Y-%m}"]
    assert "Entscheidungen: 17." in words(page)
    assert "So war es am" in words(page)
    assert f"month={TOLD:%Y-%m}&amp;service=residence-work" in page
    older = words((await leader.get("/process", month=f"{before:%Y-%m}")).text)
    assert "Entscheidungen: 11." in older
    rows = await table(leader, "/process/table.csv", month=f"{before:%Y-%m}")
    decided_ = {row["Wert"] for row in rows if row["Zahl"] == "Entscheidungen"}
    assert decided_ == {"11"}
    for month in (f"{NOW:%Y-%m}", "1999-01", "x"):
        assert (await leader.get("/process", month=month)).status_code == 422


async def test_decisions_of_few_are_not_told(pages: Workbench) -> None:
    await a_week_of_decisions(pages, work=20, education=3)
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/process")).text)
    assert "Aufenthaltserlaubnis zur Ausbildung nicht gezeigt" in page
    hidden = words((await leader.get("/process", service="residence-education")).text)
    assert "wird nicht gezeigt" in hidden
    rows = await table(leader, "/process/table.csv")
    of_education = [row["Wert"] for row in rows if row["Schlüssel"] == "residence-education"]
    assert of_education == ["nicht gezeigt"]


async def a_week_of_decisions(pages: Workbench, work: int = 9, education: int = 8) -> None:
    """Some on work after 20 days, some on education after 100, in a month that may be told."""
    await decide(pages, TOLD, [("residence-work", 20)] * work, first=0)
    await decide(pages, TOLD, [("residence-education", 100)] * education, first=work)


async def decide(pages: Workbench, day: date, services: list[tuple[str, int]], first: int) -> None:
    """Decide on applications for services after so many days."""
    made = datetime.combine(day, time(12), UTC)
    for number, (service, days) in enumerate(services, first):
        facts = ApplicationReceived(
            channel=IntakeChannel.ONLINE, service_key=service, unit="unit-2"
        )
        came = about(number, facts, made - timedelta(days=days))._replace(sequence=1)
        await apply(pages.pool, case_events(NOTHING), came, decided(number, made))
    counter = FigureCounter(pages.pool, CLOCKS, holding_of(pages.pool, Loop.SERVICE_FIGURES))
    while await counter.look():
        pass


async def test_time_limits_are_a_work_list_of_each_unit(pages: Workbench) -> None:
    await applied(pages, 1, 80)
    await applied(pages, 2, 200, "residence-education")
    await applied(pages, 3, 1)
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/clocks")).text)
    assert "in den nächsten 30 Tagen enden oder vorbei sind: 2, davon vorbei: 1." in page
    assert re.search(r"seit \d+ Tagen vorbei", page)
    assert not re.search(r"-\d+ ", page), "no day is left less than none"
    listed = await table(leader, "/clocks/list.csv")
    assert len(listed) == 3
    later = listed[-1]["Vorgang"]
    assert later not in page
    assert later in words((await leader.get("/clocks", q=later[5:15])).text)
    assert "läuft hier keine Frist" in words((await leader.get("/clocks", q="unheard")).text)
    head = await pages.signed_in(Role.UNIT_HEAD)  # of unit-1, who decides on education
    education = "Aufenthaltserlaubnis zur Ausbildung"
    chosen = await table(leader, "/clocks/list.csv", unit="unit-1")
    for rows in (chosen, await table(head, "/clocks/list.csv")):
        assert [row["Leistung"] for row in rows] == [education]
    assert "Erwerbstätigkeit" not in (await head.get("/clocks")).text
    page = words((await leader.get("/clocks", unit="unit-1")).text)
    assert "enden oder vorbei sind: 1" in page
    assert later not in words((await leader.get("/clocks", unit="unit-1", q=later)).text)
    assert (await head.get("/clocks", unit="unit-2")).status_code == 403
    assert (await leader.get("/clocks", unit="unheard")).status_code == 422


async def test_today_tells_what_runs_out_to_those_who_have_the_work_list(pages: Workbench) -> None:
    await applied(pages, 1, 80)
    await applied(pages, 2, 200, "residence-education")
    await applied(pages, 3, 1)
    told = "in den nächsten 30 Tagen enden oder vorbei sind: {}, davon vorbei: {}."
    leader = await pages.signed_in(Role.LEADERSHIP)
    page = (await leader.get("/today")).text
    assert told.format(2, 1) in words(page)
    assert "vorbei 1 in den nächsten 14 Tagen 1 in 15 bis 30 Tagen 0" in words(page)
    assert 'class="kern-link" href="/clocks"' in page
    assert told.format(1, 0) in words((await leader.get("/today", unit="unit-2")).text)
    head = await pages.signed_in(Role.UNIT_HEAD)  # of unit-1, who decides on education
    assert told.format(1, 1) in words((await head.get("/today")).text)
    for other in (Role.AUDITOR, Role.STAFF_COUNCIL, Role.OPERATIONS):
        page = (await (await pages.signed_in(other)).get("/today")).text
        assert "Fristen, die" not in page
        assert '"/clocks"' not in page
    asked = about(1, DocumentsRequested(items=("passport",)), NOW)
    await apply(pages.pool, case_events(NOTHING), asked._replace(sequence=2))
    await pages.pool.execute(
        """UPDATE case_event SET data = '{"items": 7}' WHERE type LIKE '%documents.requested%'"""
    )
    assert "Vorgänge, deren Fristen hier fehlen: 1." in words((await leader.get("/today")).text)


async def test_cases_that_cannot_be_read_are_told_beside_the_others(pages: Workbench) -> None:
    for number, service in enumerate(("residence-work", "unheard", *["residence-education"] * 2)):
        await applied(pages, number, 80, service)
    asked = about(0, DocumentsRequested(items=("passport",)), NOW)
    await apply(pages.pool, case_events(NOTHING), asked._replace(sequence=2))
    await pages.pool.execute(
        """UPDATE case_event SET data = '{"items": 7}' WHERE type LIKE '%documents.requested%'"""
    )
    never = datetime.max.replace(tzinfo=UTC)
    case = about(2, asked.data).subject
    await pages.pool.execute("UPDATE waiting_case SET since = $1 WHERE case_ref = $2", never, case)

    leader = await pages.signed_in(Role.LEADERSHIP)
    page = words((await leader.get("/clocks")).text)
    assert "Vorgänge, deren Fristen hier fehlen: 2." in page
    assert "oder vorbei sind: 2, davon vorbei: 0." in page
    rows = await table(leader, "/clocks/list.csv")
    shown = {row["Leistung"] for row in rows[:2]}
    assert shown == {"Aufenthaltserlaubnis zur Ausbildung", "unheard"}
    assert {row["Vorgang"]: row["Frist"] for row in rows[2:]} == {
        asked.subject: "nicht lesbar",
        case: "nicht lesbar",
    }
    head = await pages.signed_in(Role.UNIT_HEAD)  # of unit-1, who decides on education
    assert "Vorgänge, deren Fristen hier fehlen: 1." in words((await head.get("/clocks")).text)
    alarms = holding_of(pages.pool, Loop.SERVICE_ALARMS)
    await AlarmRaiser(pages.pool, CLOCKS, alarms).look(NOW)
    assert await held(alarms) == {asked.subject, case}


async def test_a_time_limit_that_rests_says_so(pages: Workbench) -> None:
    await applied(pages, 1, 100, "free-movement")
    asked = about(1, DocumentsRequested(items=("passport",)), NOW - timedelta(days=50))
    await apply(pages.pool, case_events(NOTHING), asked._replace(sequence=2))
    leader = await pages.signed_in(Role.LEADERSHIP)
    rows = {row["Frist"]: row["Letzter Tag"] for row in await table(leader, "/clocks/list.csv")}
    assert rows["Sechs Monate bis zur Aufenthaltskarte"] == "ruht"


async def test_whoever_takes_a_table_stands_in_the_log(pages: Workbench) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    for path in ("/today/table.csv", "/process/table.csv", "/clocks/list.csv"):
        await leader.get(path)
    rows = await pages.pool.fetch("SELECT object FROM audit WHERE act = 'exported' ORDER BY number")
    assert [row["object"] for row in rows[-3:]] == ["today", "process", "clocks"]
    auditor = await pages.signed_in(Role.AUDITOR)
    assert "Liste: Fristen" in words((await auditor.get("/audit")).text)
