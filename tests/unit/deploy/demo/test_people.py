"""Invented people for the workbench: one for each role, with a password kept for its owner."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.demo.people import invented, password_in, people
from deploy.secrets.files import create_missing
from services.controlling.accounts.account import Role
from services.controlling.entrance.navigation import begins_at
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    secrets = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    nowhere = "postgresql://nobody@127.0.0.1:1/x"
    return create_app(Settings(database_url=nowhere, secrets_directory=secrets))


def test_every_role_can_be_tried() -> None:
    assert {one.role for one in people()} == set(Role)


def test_every_role_is_told_what_it_sees() -> None:
    assert invented().sees.keys() == set(Role)


@pytest.mark.parametrize("role", Role)
def test_what_each_role_is_told_first_is_the_page_where_it_begins(
    workbench: FastAPI, role: Role
) -> None:
    told, _, _ = invented().sees[role].partition(":")
    assert told == begins_at(workbench.state.navigation(role))


@pytest.mark.parametrize("role", Role)
def test_nobody_is_told_of_a_page_that_they_are_not_led_to(workbench: FastAPI, role: Role) -> None:
    told = set(re.findall(r"/\w+", invented().sees[role]))
    assert told <= {one.path for one in workbench.state.navigation(role)}


def test_nobody_has_the_login_of_another() -> None:
    logins = [one.login for one in people()]
    assert len(set(logins)) == len(logins)


def test_the_password_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "password"
    first = password_in(file)
    assert len(first) >= 16
    assert password_in(file) == first
    assert file.stat().st_mode & 0o077 == 0
