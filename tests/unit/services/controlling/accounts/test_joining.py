"""Which accounts there can't be."""

from dataclasses import replace
from decimal import Decimal

import pytest

from services.controlling.accounts.account import Role
from services.controlling.accounts.errors import AccountUnfit
from services.controlling.accounts.joining import Joining, check

UNITS, GROUPS = ("unit-1", "unit-2"), ("work", "family")
BERGER = Joining("m.berger", "Maria Berger", Role.LEADERSHIP, "unit-1", ("work",), staff_number="1")
HEAD = replace(BERGER, role=Role.UNIT_HEAD, staff_number=None)


@pytest.mark.parametrize(
    "fit",
    [
        BERGER,
        HEAD,
        replace(BERGER, unit=None, groups=(), share=Decimal("0.001")),
        replace(HEAD, role=Role.AUDITOR, unit=None),
        replace(HEAD, login="m.berger+sg1@example.org"),
    ],
)
def test_who_is_described_whole_gets_an_account(fit: Joining) -> None:
    check(fit, UNITS, GROUPS)


@pytest.mark.parametrize(
    ("unfit", "reason"),
    [
        (replace(BERGER, unit="unit-3"), "no unit unit-3 .did you mean unit-"),
        (replace(BERGER, groups=("work", "wrok")), "no group of decisions wrok .did you mean work"),
        (replace(HEAD, unit=None), "needs it: --unit"),
        (replace(BERGER, staff_number=None), "needs --staff-number"),
        (replace(BERGER, staff_number=" "), "a staff number has 1 to 200"),
        (replace(BERGER, name=" "), "a name has 1 to 200"),
        (replace(BERGER, name=201 * "a"), "a name has 1 to 200"),
        (replace(BERGER, name="Maria\nBerger"), "a name has 1 to 200"),
        (replace(BERGER, share=Decimal(0)), "a share is above 0"),
        (replace(BERGER, share=Decimal("1.1")), "a share is above 0"),
        *(
            (replace(BERGER, login=login), "a login has 1 to 100 letters")
            for login in ("", "m berger", "m/berger", "müller", "a\n", 101 * "a")
        ),
    ],
)
def test_an_account_that_would_see_nothing_or_review_its_own_is_refused(
    unfit: Joining, reason: str
) -> None:
    with pytest.raises(AccountUnfit, match=reason):
        check(unfit, UNITS, GROUPS)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(AccountUnfit) as refused:
        check(replace(BERGER, login="", unit="x", staff_number=None), UNITS, GROUPS)

    assert str(refused.value).count(";") >= 2
