"""The workbench as it is wired, without a database."""

from pathlib import Path

from deploy.secrets.files import create_missing
from services.controlling.accounts.access import Call, access_table
from services.controlling.entrance.navigation import AT_WORKBENCH
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings


def test_every_place_that_people_are_led_to_is_there(tmp_path: Path) -> None:
    create_missing(tmp_path)
    nowhere = "postgresql://nobody@127.0.0.1:1/x"
    table = access_table(create_app(Settings(database_url=nowhere, secrets_directory=tmp_path)))
    assert [one.path for one in AT_WORKBENCH if Call("GET", one.path) not in table] == []
