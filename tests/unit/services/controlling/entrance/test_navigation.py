"""People are led to what their role may open, at whichever process it is."""

from services.controlling.accounts.access import Call
from services.controlling.accounts.account import Role
from services.controlling.entrance.navigation import Place, navigation

HERE = (Place("reviews", "/reviews"), Place("audit", "/audit"), Place("draw", "/draw"))
THERE = (Place("operations", "/operations", frozenset({Role.AUDITOR})),)
TABLE = {
    Call("GET", "/reviews"): frozenset({Role.LEADERSHIP}),
    Call("GET", "/audit"): frozenset({Role.AUDITOR}),
    Call("POST", "/draw"): frozenset({Role.AUDITOR}),
}


def addresses(role: Role, at: str | None) -> list[str]:
    return [one.address for one in navigation(TABLE, HERE, THERE, at)[role]]


def test_own_pages_come_first_and_those_of_another_process_with_its_address() -> None:
    there = "https://desk.example"
    assert addresses(Role.AUDITOR, f"{there}/") == ["/audit", f"{there}/operations"]
    assert addresses(Role.LEADERSHIP, there) == ["/reviews"]


def test_nothing_leads_to_where_nobody_knows() -> None:
    assert addresses(Role.AUDITOR, None) == ["/audit"]
