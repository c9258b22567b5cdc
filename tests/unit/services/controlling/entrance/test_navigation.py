"""People are led to what their role may open, at whichever process it is."""

from pydantic import AnyHttpUrl

from services.controlling.accounts.access import Call
from services.controlling.accounts.account import Role
from services.controlling.entrance.navigation import AT_CONTROLLING, Place, located, navigation

HERE = (Place("reviews", "/reviews"), Place("audit", "/audit"), Place("draw", "/draw"))
THERE = (Place("operations", "/operations", frozenset({Role.AUDITOR})),)
TABLE = {
    Call("GET", "/reviews"): frozenset({Role.LEADERSHIP}),
    Call("GET", "/audit"): frozenset({Role.AUDITOR}),
    Call("POST", "/draw"): frozenset({Role.AUDITOR}),
}


def addresses(role: Role, at: str | None) -> list[str]:
    beyond = located(THERE, None if at is None else AnyHttpUrl(at))
    return [one.address for one in navigation(TABLE, HERE, beyond)[role]]


def test_own_pages_come_first_and_those_of_another_process_with_its_address() -> None:
    there = "https://desk.example"
    assert addresses(Role.AUDITOR, f"{there}/") == ["/audit", f"{there}/operations"]
    assert addresses(Role.LEADERSHIP, there) == ["/reviews"]


def test_nothing_leads_to_where_nobody_knows() -> None:
    assert addresses(Role.AUDITOR, None) == ["/audit"]


def test_whom_the_draw_concerns_is_led_to_its_public_pages() -> None:
    found = navigation(TABLE, HERE, located(AT_CONTROLLING, AnyHttpUrl("https://draws.example")))
    led = {role for role, places in found.items() for one in places if one.key == "draw"}
    assert led == {Role.LEADERSHIP, Role.CONTROLLING, Role.AUDITOR, Role.STAFF_COUNCIL}
    assert found[Role.STAFF_COUNCIL][0].address == "https://draws.example/draws"
