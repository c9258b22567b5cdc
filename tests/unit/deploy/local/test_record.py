"""A stack goes on with the policy that was named for it last."""

from pathlib import Path

import pytest

from deploy.local import record
from deploy.local.folder import Folder
from deploy.local.record import StackRecord, with_policy
from deploy.summary import commands
from shared.configuration.places import DEMO_POLICY, POLICY_VARIABLE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stack.json"


def test_what_was_named_once_holds_at_the_next_start(path: Path) -> None:
    record.save(path, StackRecord(ports={"kafka": 20_001}))
    with_policy(path, {POLICY_VARIABLE: "/authority/policy.yaml"})

    assert with_policy(path, {"PATH": "/bin"}) == {
        "PATH": "/bin",
        POLICY_VARIABLE: "/authority/policy.yaml",
    }
    assert record.load(path).ports == {"kafka": 20_001}


def test_another_one_that_is_named_takes_its_place(path: Path) -> None:
    for named in ("/authority/policy.yaml", "/authority/other.yaml"):
        with_policy(path, {POLICY_VARIABLE: named})

    assert with_policy(path, {})[POLICY_VARIABLE] == "/authority/other.yaml"


@pytest.mark.parametrize("environment", [{}, {POLICY_VARIABLE: ""}])
def test_where_none_was_ever_named_none_is_told(path: Path, environment: dict[str, str]) -> None:
    assert with_policy(path, environment) == environment
    assert record.load(path).policy is None


def test_it_is_found_again_from_another_folder(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with_policy(path, {POLICY_VARIABLE: "policy.yaml"})

    assert with_policy(path, {})[POLICY_VARIABLE] == str(tmp_path / "policy.yaml")


@pytest.mark.parametrize(
    ("before", "draws_by"), [(None, str(DEMO_POLICY)), ("/authority/p.yaml", "/authority/p.yaml")]
)
def test_a_run_draws_by_the_demos_policy_unless_the_stack_has_another(
    path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None, draws_by: str
) -> None:
    monkeypatch.delenv(POLICY_VARIABLE, raising=False)
    monkeypatch.setattr(Folder, "record", path)
    record.save(path, StackRecord(policy=before))

    assert commands._environment(invented=True)[POLICY_VARIABLE] == draws_by
