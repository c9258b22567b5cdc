"""Signing in and out of the workbench, and what ends a session."""

import html
import logging
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from markupsafe import escape
from pydantic import AnyHttpUrl

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.entrance.app import NobodyCanSignIn
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.observe import security_log
from shared.observe.security_log import NAME
from shared.postgres.pool import Pool
from shared.web.sign_in.local import FROM_ANYWHERE, PER_ADDRESS, PER_LOGIN
from shared.web.sign_in.session import hash_of
from tests.integration.workbench_helpers import SAME_ORIGIN, Browser, Workbench, add, workbench

pytestmark = pytest.mark.stack

COOKIE = "gleichfall-session"


@pytest.fixture(scope="module")
async def running(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Workbench]:
    async with workbench(stack.database_url, secrets, schema) as pages:
        yield pages


@pytest.fixture
async def pages(running: Workbench) -> Workbench:
    """The same, without sessions and attempts of earlier tests."""
    await running.pool.execute("DELETE FROM session")
    await running.pool.execute("DELETE FROM sign_in_attempt")
    await running.pool.execute("UPDATE account SET locked_at = NULL")
    return running


@pytest.fixture
async def admin(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.ADMIN)


async def is_in(browser: Browser) -> bool:
    return (await browser.get("/accounts")).status_code == 200


async def test_one_is_led_to_the_page_one_wanted(pages: Workbench) -> None:
    browser = pages.browser()
    asked = await browser.get("/accounts")
    assert asked.headers["location"] == "/sign-in?next=%2Faccounts"
    form = await browser.get("/sign-in", next="/accounts")
    assert 'name="back" value="/accounts"' in form.text
    answer = await browser.sign_in("admin", back="/accounts")
    assert answer.headers["location"] == "/accounts"
    assert await is_in(browser)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "evil",
        "/\t/x",
    ],
)
async def test_nobody_is_led_elsewhere(pages: Workbench, elsewhere: str) -> None:
    answer = await pages.browser().sign_in("admin", back=elsewhere)
    assert answer.headers["location"] == "/"


async def test_the_database_holds_no_id_that_signs_in(pages: Workbench, admin: Browser) -> None:
    held = admin.client.cookies[COOKIE]
    [row] = await pages.pool.fetch("SELECT * FROM session")
    assert row["id_hash"] == hash_of(held)
    assert held not in str(dict(row))


async def test_signing_in_again_gives_another_id_and_ends_the_first(
    pages: Workbench, admin: Browser
) -> None:
    before = admin.client.cookies[COOKIE]
    await admin.sign_in("admin")
    assert admin.client.cookies[COOKIE] != before
    stale = pages.browser()
    stale.client.cookies[COOKIE] = before
    assert not await is_in(stale)


async def test_an_id_that_somebody_planted_is_not_taken_over(pages: Workbench) -> None:
    browser = pages.browser()
    browser.client.cookies.set(COOKIE, "planted", domain="127.0.0.1")
    answer = await browser.sign_in("admin")
    assert "planted" not in answer.headers["set-cookie"]


async def test_the_cookie_is_for_the_browser_alone(pages: Workbench) -> None:
    answer = await pages.browser().sign_in("admin")
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "path=/" in flags
    assert "domain" not in flags


async def test_over_https_no_other_host_can_set_it(
    stack: Addresses, secrets: Path, pages: Workbench
) -> None:
    settings = Settings(
        database_url=stack.database_url,
        secrets_directory=secrets,
        url=AnyHttpUrl("https://review.example.de"),
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        browser = Workbench(app, pages.pool, {}).browser("https://review.example.de")
        answer = await browser.sign_in("admin")
        assert answer.headers["set-cookie"].startswith("__Host-session=")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert await is_in(browser)


async def test_where_others_can_read_no_password_is_taken(
    stack: Addresses, secrets: Path, pages: Workbench
) -> None:
    app = create_app(
        Settings(
            database_url=stack.database_url,
            secrets_directory=secrets,
            hosts=("review.example.de",),
        )
    )
    async with app.router.lifespan_context(app):
        browser = Workbench(app, pages.pool, {}).browser("http://review.example.de")
        answer = await browser.sign_in("admin")
    assert answer.status_code == 401
    assert "Mit einem Passwort kann man sich hier nicht anmelden" in answer.text


@pytest.mark.parametrize("path", ["/", "/sign-in", "/reviews", "/assets/style.css", "/nowhere"])
async def test_under_a_name_that_nobody_gave_it_there_are_no_pages(
    pages: Workbench, path: str
) -> None:
    answer = await pages.browser("http://elsewhere.example").get(path)
    assert answer.status_code == 421
    assert "elsewhere" not in answer.text + answer.headers.get("location", "")


async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    pages: Workbench,
) -> None:
    wrong = await pages.browser().sign_in("admin", "wrong")
    unknown = await pages.browser().sign_in("nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text == unknown.text.replace("nobody", "admin")


async def test_who_guesses_a_password_is_slowed_down_even_when_right_at_last(
    pages: Workbench,
) -> None:
    for _ in range(PER_LOGIN):
        await pages.browser().sign_in("admin", "wrong")
    late = await pages.browser().sign_in("admin")
    assert "Zu viele Versuche" in late.text
    assert (await pages.browser().sign_in("auditor")).status_code == 303


async def test_the_log_names_whom_a_guess_was_about_and_takes_no_more_than_the_first_beyond(
    pages: Workbench,
) -> None:
    before = await pages.pool.fetchval("SELECT coalesce(max(number), 0) FROM audit")
    for _ in range(PER_LOGIN + 5):
        await pages.browser().sign_in("admin", "wrong")
    noted = await pages.pool.fetch("SELECT account FROM audit WHERE number > $1", before)
    assert [row["account"] for row in noted] == [pages.accounts[Role.ADMIN]] * (PER_LOGIN + 1)


async def test_nobody_locks_somebody_out_from_elsewhere(pages: Workbench) -> None:
    guess = """INSERT INTO sign_in_attempt
        SELECT sha256('admin'), ('10.0.' || n || '.1')::inet, now()
        FROM generate_series(1, $1) AS n"""
    await pages.pool.execute(guess, PER_LOGIN + 1)
    assert (await pages.browser().sign_in("admin")).status_code == 303
    await pages.pool.execute(guess, FROM_ANYWHERE)
    assert "Zu viele Versuche" in (await pages.browser().sign_in("admin")).text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"login": "admin"}'),
        ("multipart/form-data; boundary=x; charset=punycode",
         b'--x\r\nContent-Disposition: form-data; name="a-"\r\n\r\n' + b"x" * 80_000 + b"-"
         + b"a" * 150_000 + b"\r\n--x--\r\n"),
        ("multipart/form-data", b"--x"),
        ("application/x-www-form-urlencoded; charset=unicode_escape", b"csrf=%5Cud800"),
        ("", b"login=admin"),
    ],
)  # fmt: skip
async def test_a_body_that_no_form_of_ours_sends_is_refused_before_it_is_read(
    pages: Workbench, admin: Browser, kind: str, body: bytes
) -> None:
    headers = SAME_ORIGIN | {"content-type": kind, "X-CSRF-Token": admin.csrf}
    for path in ("/sign-in", "/sign-out"):
        answer = await admin.client.post(path, content=body, headers=headers)
        assert answer.status_code == 415, path
    assert await is_in(admin)


async def test_text_that_no_database_holds_is_refused_in_words(pages: Workbench) -> None:
    answer = await pages.browser().sign_in("\0")
    assert answer.status_code == 422
    assert "<h1" in answer.text


async def test_who_tries_many_logins_from_one_place_is_slowed_down(pages: Workbench) -> None:
    await pages.pool.execute(
        "INSERT INTO sign_in_attempt SELECT sha256(n::text::bytea), '127.0.0.1', now() "
        "FROM generate_series(1, $1) AS n",
        PER_ADDRESS,
    )
    assert "Zu viele Versuche" in (await pages.browser().sign_in("auditor")).text


async def test_getting_in_forgets_the_attempts_before(pages: Workbench) -> None:
    for _ in range(PER_LOGIN - 1):
        await pages.browser().sign_in("admin", "wrong")
    assert (await pages.browser().sign_in("admin")).status_code == 303
    assert (await pages.browser().sign_in("admin")).status_code == 303


async def test_signing_out_ends_the_session_itself(pages: Workbench, admin: Browser) -> None:
    held = admin.client.cookies[COOKIE]
    answer = await admin.post("/sign-out")
    assert answer.headers["location"] == "/sign-in?done=signed_out"
    stale = pages.browser()
    stale.client.cookies[COOKIE] = held
    assert not await is_in(stale)


@pytest.mark.parametrize(
    "aged",
    [
        "UPDATE session SET seen_at = seen_at - interval '31 minutes'",
        "UPDATE session SET ends_at = now()",
    ],
)
async def test_a_session_ends_by_itself(pages: Workbench, admin: Browser, aged: str) -> None:
    assert await is_in(admin)
    await pages.pool.execute(aged)
    assert not await is_in(admin)


async def test_being_there_keeps_a_session_but_not_for_ever(
    pages: Workbench, admin: Browser
) -> None:
    ends = await pages.pool.fetchval("SELECT ends_at FROM session")
    await pages.pool.execute("UPDATE session SET seen_at = seen_at - interval '20 minutes'")
    assert await is_in(admin)
    [row] = await pages.pool.fetch("SELECT seen_at, ends_at, created_at FROM session")
    assert row["seen_at"] > row["created_at"] - timedelta(minutes=1)
    assert row["ends_at"] == ends


async def test_locking_ends_all_sessions_at_once_and_unlocking_lets_in_again(
    pages: Workbench, admin: Browser
) -> None:
    auditor = await pages.signed_in(Role.AUDITOR)
    path = f"/accounts/{pages.accounts[Role.AUDITOR]}"
    listed = (await admin.get("/accounts")).text
    assert f'href="{path}/lock"' in listed
    assert f'action="{path}/lock"' not in listed, "it asks first"
    asked = await admin.get(f"{path}/lock")
    assert "Konto von Maria auditor sperren?" in asked.text
    assert f'action="{path}/lock"' in asked.text
    assert (await admin.get(f"/accounts/{uuid4()}/lock")).status_code == 404
    assert (await admin.post(f"{path}/lock")).headers["location"] == "/accounts?done=locked"
    assert (await auditor.get("/")).headers["location"] == "/sign-in"
    assert (await pages.browser().sign_in("auditor")).status_code == 401
    await admin.post(f"{path}/unlock")
    assert (await pages.browser().sign_in("auditor")).status_code == 303


async def test_nobody_locks_themselves_out(pages: Workbench, admin: Browser) -> None:
    answer = await admin.post(f"/accounts/{pages.accounts[Role.ADMIN]}/lock")
    assert answer.status_code == 409
    assert "Das eigene Konto können Sie nicht sperren" in answer.text
    assert await is_in(admin)


async def test_another_language_loses_nothing_that_was_typed(pages: Workbench) -> None:
    nobody = pages.browser()
    page = (await nobody.get("/sign-in", next="/accounts")).text
    assert "hreflang" not in page, "a link would lose what was typed"
    sent = {"login": "admin <1>", "back": "/accounts", "to": "/x", "kept.text": "long"}
    english = await nobody.post("/sign-in?language=en", sent | {"only_language": "true"})
    assert '<html lang="en">' in english.text
    assert 'value="admin &lt;1&gt;"' in english.text
    assert 'name="back" value="/accounts"' in english.text
    assert 'name="kept.text" value="long"' in english.text
    assert "password" not in sent
    assert not await pages.pool.fetchval("SELECT true FROM sign_in_attempt")


async def test_what_was_sent_after_the_end_can_be_sent_again(pages: Workbench) -> None:
    admin = await pages.signed_in(Role.ADMIN)
    path = f"/accounts/{pages.accounts[Role.AUDITOR]}/lock"
    await pages.pool.execute("DELETE FROM session")
    asked = await admin.post(path, {"text": 'a "long" <text>'}, Referer="http://127.0.0.1/accounts")
    assert asked.status_code == 401
    assert "Ihre Sitzung ist zu Ende" in asked.text
    assert "hreflang" not in asked.text, "a link would lose what was sent"
    fields = {"kept.text": 'a "long" <text>', "to": path, "back": "/accounts"}
    for name, value in fields.items():
        assert f'name="{name}" value="{escape(value)}"' in asked.text
    kept = await admin.post("/sign-in", {"login": "admin", "password": "correct horse"} | fields)
    assert kept.status_code == 200
    assert f'action="{path}"' in kept.text
    assert 'name="text" value="a &#34;long&#34; &lt;text&gt;"' in kept.text
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', kept.text)
    assert token
    admin.csrf = token[1]
    assert (await admin.post(path)).headers["location"] == "/accounts?done=locked"


async def test_a_part_of_a_page_is_told_so_in_place(pages: Workbench) -> None:
    answer = await pages.browser().post("/accounts/x/lock", {}, **{"X-Requested-With": "fetch"})
    assert answer.status_code == 401
    assert "<html" not in answer.text
    assert "Nicht gespeichert, aber noch hier" in answer.text


async def test_a_session_remembers_its_language(admin: Browser) -> None:
    assert '<html lang="de">' in (await admin.get("/accounts")).text
    await admin.get("/accounts", language="en")
    assert '<html lang="en">' in (await admin.get("/accounts")).text


async def test_a_sign_in_form_of_another_page_is_refused(pages: Workbench) -> None:
    answer = await pages.browser().post(
        "/sign-in",
        {"login": "admin", "password": "correct horse"},
        **{"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_in_production_there_are_no_passwords(
    stack: Addresses, secrets: Path, pages: Workbench
) -> None:
    common = {"database_url": stack.database_url, "secrets_directory": secrets}
    with pytest.raises(NobodyCanSignIn):
        create_app(Settings(**common, production=True))  # type: ignore[arg-type]
    app = create_app(
        Settings(**common, production=True, issuer="https://login.example.de/realms/office")  # type: ignore[arg-type]
    )
    async with app.router.lifespan_context(app):
        browser = Workbench(app, pages.pool, {}).browser()
        assert 'name="password"' not in (await browser.get("/sign-in")).text
        assert (await browser.sign_in("admin")).status_code == 401


async def test_what_was_sent_after_the_end_waits_beside_a_sign_in_elsewhere(
    stack: Addresses, secrets: Path, pages: Workbench, admin: Browser
) -> None:
    issuer, path = "https://login.example.de", f"/accounts/{pages.accounts[Role.AUDITOR]}/lock"
    settings = {"database_url": stack.database_url, "secrets_directory": secrets}
    app = create_app(Settings(**settings, production=True, issuer=issuer))  # type: ignore[arg-type]
    async with app.router.lifespan_context(app):
        browser = Workbench(app, pages.pool, {}).browser()
        sent = {"text": 'a "long" <text>'}
        asked = await browser.post(path, sent, Referer="http://127.0.0.1/accounts")
        assert asked.status_code == 401
        assert "solange dieses Fenster offen bleibt" in asked.text
        assert re.search(r'id="authority" [^>]*target="_blank"', asked.text)
        waiting = fields_of(asked.text, path)
        browser.client.cookies = admin.client.cookies  # signed in in the other window
        kept = await browser.client.post(path, data=waiting, headers=SAME_ORIGIN)
        assert "Ihre Eingabe ist noch da" in kept.text
        assert 'href="/accounts"' in kept.text
        again = fields_of(kept.text, path)
        assert again == waiting | {"csrf": admin.csrf}
        saved = await browser.client.post(path, data=again, headers=SAME_ORIGIN)
    assert saved.headers["location"] == "/accounts?done=locked"


def fields_of(page: str, path: str) -> dict[str, str]:
    """Give what a page's form to an address would send."""
    [form] = re.findall(f'<form method="post" action="{path}".*?</form>', page, re.DOTALL)
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', form)
    }


async def test_a_new_account_signs_in_and_its_role_is_named(pages: Workbench) -> None:
    await add(pages.pool, "new", Role.STAFF_COUNCIL, unit=None)
    browser = pages.browser()
    await browser.sign_in("new")
    start = await browser.get("/")
    first = await browser.get(start.headers["location"])
    assert "Personalrat" in first.text


async def test_the_log_tells_who_came_and_went_and_of_nobody_known_no_name(
    pages: Workbench,
) -> None:
    admin = await pages.signed_in(Role.ADMIN)
    await admin.post(f"/accounts/{pages.accounts[Role.AUDITOR]}/lock")
    await admin.post("/sign-out")
    await pages.browser().sign_in("Maria Musterfrau", "secret")
    rows = await pages.pool.fetch("SELECT * FROM audit ORDER BY number DESC LIMIT 4")
    assert [row["act"] for row in reversed(rows)] == [
        "signed_in",
        "account_locked",
        "signed_out",
        "sign_in_refused",
    ]
    assert "Musterfrau" not in str(rows)


async def test_signing_in_and_out_and_guessing_stand_in_the_security_log(
    pages: Workbench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security_log, "_dam", security_log._Dam())  # tests before this one guess
    log = logging.getLogger(NAME)
    log.addHandler(caplog.handler)
    log.setLevel(logging.INFO)
    try:
        await pages.browser().sign_in("admin", password="a guess")
        admin = await pages.signed_in(Role.ADMIN)
        await admin.post("/sign-out")
    finally:
        log.removeHandler(caplog.handler)
    told = [vars(record) for record in caplog.records if record.name == NAME]
    events = list(dict.fromkeys(one["event"] for one in told))
    assert events == ["sign_in_refused", "signed_in", "signed_out"]
    account = await pages.pool.fetchval("SELECT id FROM account WHERE login = 'admin'")
    assert told[-1]["who"] == str(account)
    assert all(one["address"] for one in told)
    assert "guess" not in str([{name: one[name] for name in ("reason", "who")} for one in told])
