"""The lists and the declaration, in both languages, with everything that can stand there."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

import pytest

from services.controlling.accounts.account import Account, Role
from services.controlling.audit.chain import EMPTY
from services.controlling.audit.entry import Act
from services.controlling.audit.store import Mark, Told
from services.controlling.audit_log.details import in_words
from services.controlling.audit_log.objects import Thing
from services.controlling.audit_log.pages import Asked as AskedEntries
from services.controlling.forms.law import Law
from services.controlling.practice.naming import Naming
from services.controlling.reviews.assignment import Reviewer
from services.controlling.reviews.board import pages as board_pages
from services.controlling.reviews.board.store import BoardCounts, Holding, OnBoard, Shown
from services.controlling.reviews.board.workload import Workload
from services.controlling.reviews.life import HELD, OPEN, State
from services.controlling.reviews.mine.store import Mine, MyCounts, MyTask, Stand
from services.controlling.reviews.pages import Asked
from services.controlling.reviews.signed.pages import Asked as AskedSigned
from services.controlling.reviews.signed.store import SignedReview
from services.controlling.reviews.store import About, Load
from services.controlling.workbench.app import FOLDERS
from shared.configuration.places import ORGANISATION
from shared.events.vocabulary import Direction, DrawReason, FileVerdict
from shared.organisation.file import load_organisation
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER as KERN
from shared.web.pages.page import Pages
from shared.web.pages.policy import Caching, Content
from shared.web.pages.selection import Wanted
from shared.web.pages.words import Language

MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
TODAY = date(2026, 12, 1)
REVIEW, ACCOUNT = UUID(int=1), UUID(int=2)
ORGANISED = load_organisation(ORGANISATION)
LAW = Law.of(ORGANISED)
PAGES = Pages(FOLDERS, ORGANISED, Content.FORMS, Assets(KERN, *FOLDERS))
REASONS = tuple(DrawReason)


@dataclass(frozen=True)
class Person:
    name: str = "Maria <Berger>"
    role: Role = Role.LEADERSHIP
    id: UUID = ACCOUNT


def shown(template: str, language: Language, **values: object) -> str:
    page = PAGES.show(
        template,
        language,
        HTTPStatus.OK,
        Caching.PRIVATE,
        account=Person(),
        csrf="token",
        here="/reviews",
        navigation=(),
        switches=dict.fromkeys(Language, "/"),
        names=Naming(language, LAW, TODAY),
        **values,
    )
    text = bytes(page.body).decode()
    assert "<Berger>" not in text
    for catalogue in ("mine.", "list.", "board.", "conflict.", "audit.", "signed."):
        assert f">{catalogue}" not in text, "a word is missing"
    return text


TAKES = {REVIEW: timedelta(minutes=25)}


AWAY = Account(
    ACCOUNT, "m.berger", "Maria", Role.LEADERSHIP, None, (), Decimal(1), TODAY, date(2026, 12, 9),
    None, MAY,
)  # fmt: skip


def mine(state: State, due: date, *, complete: bool = False, on_hold: date | None = None) -> Mine:
    kind = ("unit-1", 1, "AufenthG-18b", Direction.ADVERSE, MAY)
    missing = 0 if complete else None if state is State.ASSIGNED else 5
    return Mine(
        REVIEW,
        "decision-1",
        "case-1",
        1,
        state,
        due,
        *kind,
        REASONS,
        "work",
        on_hold,
        "Die <Akte>",
        missing,
    )


@pytest.mark.parametrize("language", Language)
def test_my_reviews(language: Language) -> None:
    days = (date(2026, 11, 2), TODAY, date(2026, 12, 2), date(2027, 2, 1))
    text = shown(
        "my_reviews.html",
        language,
        counts=MyCounts(open=3, soon=1, done=2),
        takes=TAKES,
        longest_hold=date(2027, 3, 1),
        away=AWAY,
        complete=[MyTask((mine(State.IN_REVIEW, TODAY, complete=True),))],
        tasks=[MyTask((mine(state, day),)) for state in HELD for day in days],
        further=f'["2026-12-01", "{REVIEW}"]',
        asked=Asked(Wanted()),
        stands=list(Stand),
        told="handed_back",
        last=None,
    )
    assert text.index(f"/reviews/{REVIEW}/hand-back") < text.index('rel="next"')


def listed(*found: Mine, takes: timedelta = TAKES[REVIEW]) -> str:
    return shown(
        "my_reviews.html",
        Language.GERMAN,
        counts=MyCounts(open=1, soon=1, done=0),
        takes={REVIEW: takes},
        longest_hold=date(2027, 3, 1),
        away=AWAY,
        complete=[],
        tasks=[MyTask(found)],
        further=None,
        asked=Asked(Wanted()),
        stands=list(Stand),
        told=None,
        last=None,
    )


def test_what_rests_is_shown_with_its_reason_until_the_day_is_over() -> None:
    resting = listed(mine(State.TAKEN, TODAY, on_hold=TODAY))
    assert "zurückgestellt bis" in resting
    assert "Die &lt;Akte&gt;" in resting
    assert f"/reviews/{REVIEW}/resume" in resting
    assert "heute fällig" in resting, "its last day stays in sight"
    over = listed(mine(State.TAKEN, TODAY, on_hold=TODAY - timedelta(days=1)))
    assert "zurückgestellt bis" not in over
    assert f"/reviews/{REVIEW}/hold" in over


def test_how_long_a_review_takes_is_told_in_words() -> None:
    one = mine(State.TAKEN, TODAY)
    assert "noch etwa 25 Minuten" in listed(one)
    assert "noch etwa eine Minute" in listed(one, takes=timedelta(minutes=1))
    assert "noch etwa 1,5 Stunden" in listed(one, takes=timedelta(minutes=90))
    assert "noch etwa" not in listed(one, takes=timedelta())


def test_like_cases_are_one_line() -> None:
    text = listed(mine(State.TAKEN, TODAY), mine(State.IN_REVIEW, TODAY, complete=True))
    assert "2 ähnliche Fälle, eine Aufgabe" in text
    assert text.count(f"/reviews/{REVIEW}/hand-back") == 1
    assert "geöffnet" in text
    assert "fertig, Unterschrift fehlt" in text


@pytest.mark.parametrize("language", Language)
def test_an_empty_list_says_what_would_stand_there(language: Language) -> None:
    empty = MyCounts(open=0, soon=0, done=0)
    lists: dict[str, object] = {
        "complete": [], "tasks": [], "further": None, "asked": Asked(Wanted()),
        "stands": list(Stand), "away": AWAY,
    }  # fmt: skip
    text = shown(
        "my_reviews.html", language, counts=empty, takes=TAKES, told=None, last=TODAY, **lists
    )
    assert 'class="empty"' in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("told", [None, "reason"])
def test_before_the_declaration_only_unit_type_and_date_are_told(
    language: Language, told: str | None
) -> None:
    about = About(
        REVIEW, "decision-secret", State.ASSIGNED, TODAY, "unit-1", ACCOUNT, "AufenthG-18b",
        Direction.ADVERSE, MAY, REASONS,
    )  # fmt: skip
    for cases in (1, 2):
        reviews = [replace(about, id=UUID(int=each)) for each in range(1, cases + 1)]
        text = shown("conflict.html", language, asked=about, reviews=reviews, told=told)
        for kept_back in ("decision-secret", "2027", "durch Zufall", "by chance", "Ablehnung"):
            assert kept_back not in text
        for one in reviews:
            assert text.count(f"/reviews/{one.id}/decline") == 1, "a conflict is about one case"
        assert text.count(f"/reviews/{REVIEW}/take") == 1


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("told", [None, *board_pages.Told])
def test_the_board(language: Language, told: str | None) -> None:
    people = [
        Reviewer(ACCOUNT, True, False, (), Decimal("0.5"), absent, None, 4)
        for absent in (None, TODAY)
    ]
    text = shown(
        "board.html",
        language,
        counts=BoardCounts(waiting=30, held=4, waiting_overdue=1, overdue=2),
        loads=[Load("Maria <Berger>", "unit-1", one, 1, 2) for one in people],
        reviews=[
            OnBoard(
                REVIEW,
                state,
                TODAY,
                "unit-1",
                ACCOUNT,
                "Maria <Berger>",
                "unlisted",
                MAY,
                REASONS,
                TODAY,
                "Die <Akte>",
            )
            for state in OPEN
        ],
        workload=Workload(waiting=Decimal(100), held=Decimal(10), a_week=Decimal(2)),
        longest_hold=date(2027, 3, 1),
        changed=[
            Holding(REVIEW, "unit-1", TODAY, name, "AufenthG-18b", MAY)
            for name in ("Jan <Berger>", None)
        ],
        gone=2,
        further=None,
        asked=board_pages.Asked(Wanted()),
        choices=list(Shown),
        told=told,
        done=1,
        kept=1,
        last=TODAY,
    )
    assert f'value="{REVIEW}:{ACCOUNT}"' in text


@pytest.mark.parametrize("language", Language)
def test_what_is_signed(language: Language) -> None:
    kind = ("unit-1", "AufenthG-18b", MAY, REASONS, MAY)
    text = shown(
        "signed_reviews.html",
        language,
        reviews=[
            SignedReview(REVIEW, *kind, verdict, comparable)
            for verdict in (None, *FileVerdict)
            for comparable in (False, True)
        ],
        further=None,
        asked=AskedSigned(Wanted()),
        verdicts=list(FileVerdict),
    )
    assert text.count(f"/reviews/{REVIEW}/form") == 10
    assert text.count(f"/reviews/{REVIEW}/comparison") == 5


@pytest.mark.parametrize("language", Language)
def test_who_has_signed_nothing_is_told_what_will_stand_there(language: Language) -> None:
    text = shown(
        "signed_reviews.html",
        language,
        reviews=[],
        further=None,
        asked=AskedSigned(Wanted()),
        verdicts=list(FileVerdict),
    )
    assert 'class="empty"' in text
    assert 'role="search"' not in text


DETAIL = {"grade": None, "n": 1, "until": "2026-12-24"}


@pytest.mark.parametrize("language", Language)
def test_the_log(language: Language) -> None:
    entries = [
        Told(number, MAY, "Maria <Berger>", "leadership", act, "review:1", "Jan <Roth>", DETAIL)
        for number, act in enumerate(Act, start=1)
    ]
    shown(
        "audit_log.html",
        language,
        entries=entries,
        asked=AskedEntries(Wanted(), act=Act.SIGNED),
        acts=list(Act),
        head=EMPTY,
        verified=Mark(3, MAY) if language is Language.GERMAN else None,
        things=lambda text: Thing(text, "/findings"),
        details=lambda one: in_words(
            one.detail, None, say=str, names=Naming(language, LAW, TODAY), questions={}
        ),
        further="[1]",
    )
