"""How somebody is described who gets an account, and whether there can be such a one. Pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.controlling.accounts.account import Role
from services.controlling.accounts.errors import AccountUnfit
from shared.configuration.yaml_file import nearest

_LOGIN = re.compile(r"[A-Za-z0-9._+@-]{1,100}")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody who gets an account.

    Attributes:
        login: What they sign in with.
        name: What colleagues call them.
        role: What they may do.
        unit: Where they work.
        groups: Which decisions they are competent for; none means all.
        share: How much of a full reviewer's work they take.
        staff_number: By which they are known never to review what they decided.
        password_hash: What is stored of a password of our own.
    """

    login: str
    name: str
    role: Role
    unit: str | None = None
    groups: tuple[str, ...] = ()
    share: Decimal = Decimal(1)
    staff_number: str | None = None
    password_hash: str | None = None


def check(joining: Joining, units: Collection[str], groups: Collection[str]) -> None:
    """Refuse an account that would see nothing, or review what it decided.

    Args:
        joining: As it is described.
        units: Keys of the authority's units.
        groups: Keys of the groups of decisions.

    Raises:
        AccountUnfit: with everything that is wrong.
    """
    if found := [*_form(joining), *_unknown(joining, units, groups), *_missing(joining)]:
        raise AccountUnfit(joining.login, found)


def _form(joining: Joining) -> Iterator[str]:
    if not _LOGIN.fullmatch(joining.login):
        yield "a login has 1 to 100 letters from a to z, digits and any of . _ + @ -"
    for what, text in (("name", joining.name), ("staff number", joining.staff_number)):
        if text is None:
            continue
        if not text.strip() or len(text) > _LONGEST_NAME or not text.isprintable():
            yield f"a {what} has 1 to {_LONGEST_NAME} characters that can be printed"
    if not 0 < joining.share <= 1:
        yield "a share is above 0 and at most 1"


def _unknown(joining: Joining, units: Collection[str], groups: Collection[str]) -> Iterator[str]:
    if joining.unit is not None and joining.unit not in units:
        yield (
            f"the organisation file has no unit {joining.unit}{nearest(joining.unit, units)}; "
            f"there are {', '.join(units)}"
        )
    for group in joining.groups:
        if group not in groups:
            yield (
                f"there is no group of decisions {group}{nearest(group, groups)}; "
                f"there are {', '.join(groups)}"
            )


def _missing(joining: Joining) -> Iterator[str]:
    if joining.role is Role.UNIT_HEAD and joining.unit is None:
        yield "who heads a unit needs it: --unit"
    if joining.role is Role.LEADERSHIP and joining.staff_number is None:
        yield (
            "who reviews needs --staff-number: without it nobody knows what they decided themselves"
        )
