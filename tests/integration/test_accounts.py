"""`gleichfall accounts` gives accounts to whoever can have one, and describes them anew."""

from pathlib import Path

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.errors import AccountUnfit, AccountUnknown
from tests.administered import administered
from tests.integration.controlling_helpers import Operator
from tests.integration.review_helpers import Desk, by, staff_number

pytestmark = pytest.mark.stack

BERGER = ("m.berger", "--name", "Maria Berger", "--role", "leadership", "--unit", "unit-1")


@pytest.fixture
def operator(stack: Addresses, secrets: Path, desk: Desk, tmp_path: Path) -> Operator:
    del desk  # empties the tables
    return Operator(stack, secrets, tmp_path, "accounts")


async def described(desk: Desk) -> tuple[object, ...]:
    row = await desk.owner.fetchrow(
        "SELECT name, unit, groups, share::text, staff_number FROM controlling.account"
    )
    assert row is not None
    return tuple(row.values())


async def changed(desk: Desk) -> list[str]:
    rows = await desk.owner.fetch(
        "SELECT detail ->> 'what' AS what FROM controlling.audit"
        " WHERE act = 'account_changed' ORDER BY number"
    )
    return [row["what"] for row in rows]


async def test_who_reviews_gets_an_account_with_what_tells_their_own_decisions(
    desk: Desk, operator: Operator
) -> None:
    refused = await operator.fails("add", *BERGER)
    assert isinstance(refused, AccountUnfit)
    assert "--staff-number" in str(refused)

    said = await operator.does("add", *BERGER, "--staff-number", "4711", "--group", "work")

    assert said.startswith("m.berger can sign in as leadership\npassword: ")
    assert await described(desk) == ("Maria Berger", "unit-1", ["work"], "1.0", "4711")


@pytest.mark.parametrize("share", ["nan", "inf", "0", "-1", "1.5"])
async def test_a_share_that_is_none_is_refused_without_a_word_of_the_account(
    desk: Desk, operator: Operator, share: str
) -> None:
    answer = await operator.call("add", *BERGER, "--staff-number", "4711", "--share", share)

    assert answer.exit_code == 2
    assert "argon2" not in answer.output
    assert await desk.owner.fetchval("SELECT count(*) FROM controlling.account") == 0


async def test_what_changes_of_an_account_is_noted_and_the_rest_stays(
    desk: Desk, operator: Operator
) -> None:
    await operator.does("add", *BERGER, "--staff-number", "4711", "--group", "work")

    said = await operator.does("change", "m.berger", "--unit", "unit-2", "--share", "0.5")
    again = await operator.does("change", "m.berger", "--unit", "unit-2", "--share", "0.5")

    assert (said, again) == ("m.berger has another unit, share\n", "m.berger was so before\n")
    assert await described(desk) == ("Maria Berger", "unit-2", ["work"], "0.5", "4711")
    assert await changed(desk) == ["unit", "share"]


async def test_who_may_sign_in_is_told_by_the_security_log(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "security.log"
    monkeypatch.setenv("GLEICHFALL_SECURITY_LOG", str(log))
    await operator.does("add", *BERGER, "--staff-number", "4711")
    for _ in range(2):
        await operator.does("change", "m.berger", "--share", "0.5")
    for command in ("lock", "unlock", "reset"):
        await operator.does(command, "m.berger")
    await operator.fails("lock", "nobody")

    assert administered(log) == [
        "account added", "account changed", "account locked", "account unlocked", "password reset",
    ]  # fmt: skip
    assert "m.berger" not in log.read_text()


async def test_what_is_taken_away_must_not_be_needed(desk: Desk, operator: Operator) -> None:
    await operator.does("add", *BERGER, "--staff-number", "4711", "--group", "work")

    await operator.does("change", "m.berger", "--unit", "", "--group", "")

    assert isinstance(
        await operator.fails("change", "m.berger", "--staff-number", ""), AccountUnfit
    )
    assert isinstance(await operator.fails("change", "m.berger", "--unit", "unit-x"), AccountUnfit)
    assert isinstance(await operator.fails("change", "nobody", "--name", "N"), AccountUnknown)
    assert (await operator.call("change", "m.berger")).exit_code == 2
    assert await described(desk) == ("Maria Berger", None, [], "1.0", "4711")
    assert await changed(desk) == ["unit", "groups"]


async def test_another_staff_number_is_held_against_what_is_under_review(
    desk: Desk, operator: Operator
) -> None:
    await operator.does("add", *BERGER, "--staff-number", "none-of-these")
    await desk.drawn(by(1, 1))
    open_for = (
        "SELECT controlling.may_review(decision_id, account.id)"
        " FROM controlling.review, controlling.account"
    )
    assert await desk.owner.fetchval(open_for)

    await operator.does("change", "m.berger", "--staff-number", staff_number(1))
    await desk.settle()

    assert not await desk.owner.fetchval(open_for)
