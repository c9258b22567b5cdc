"""Invented people for the workbench: one for each role, with a password kept for its owner."""

from pathlib import Path

from deploy.demo.people import invented, password_in, people
from services.controlling.accounts.account import Role


def test_every_role_can_be_tried() -> None:
    assert {one.role for one in people()} == set(Role)


def test_every_role_is_told_what_it_sees() -> None:
    assert invented().sees.keys() == set(Role)


def test_nobody_has_the_login_of_another() -> None:
    logins = [one.login for one in people()]
    assert len(set(logins)) == len(logins)


def test_the_password_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    first = password_in(file)
    assert len(first) >= 16
    assert password_in(file) == first
    assert file.stat().st_mode & 0o077 == 0
