"""The container files keep the promises that docs/operations/containers.md makes."""

import re
from typing import Any

import pytest
import yaml

from deploy.containers.compose import (
    COMPOSE_FILE,
    DOCKERFILE,
    TRADE_OFFICE,
    AuthorityFileMissing,
    ComposeUnresolvable,
    check_authority,
    resolve,
    settings_of,
)
from deploy.local.services import PROCESSES
from shared.configuration.places import ROOT
from shared.security.secrets import SecretName

RESOLVED = resolve({})
OURS = ["intake", "controlling", "notify", "workbench", "desk", "topics", "migrate"]
EVERY_CONTAINER = pytest.mark.parametrize(
    "container", RESOLVED["services"].values(), ids=RESOLVED["services"]
)
OUR_CONTAINERS = pytest.mark.parametrize("name", OURS)


@EVERY_CONTAINER
def test_images_have_a_fixed_version(container: dict[str, Any]) -> None:
    image, _, tag = container["image"].partition(":")
    assert image == "gleichfall" or re.fullmatch(r"v?\d+\.\d+(\.\d+)?", tag)


@EVERY_CONTAINER
def test_no_container_can_gain_rights_or_eat_the_machine(container: dict[str, Any]) -> None:
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not container.get("privileged")
    assert set(container["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


@EVERY_CONTAINER
def test_ports_are_open_to_this_machine_only(container: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", []))


def test_only_kafka_writes_to_its_image_and_only_postgres_keeps_capabilities() -> None:
    services = RESOLVED["services"].items()
    assert [name for name, one in services if not one.get("read_only")] == ["kafka"]
    assert [name for name, one in services if one.get("cap_add")] == ["postgres"]


@OUR_CONTAINERS
def test_ours_run_as_a_number_that_is_not_root(name: str) -> None:
    user = RESOLVED["services"][name]["user"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert f"\nUSER {user}\n" in DOCKERFILE.read_text(encoding="utf-8")


@EVERY_CONTAINER
def test_no_secret_stands_in_an_environment(container: dict[str, Any]) -> None:
    for key, value in container.get("environment", {}).items():
        assert not re.search("PASSWORD|TOKEN|KEY", key) or key.endswith("_FILE")
        assert not re.search(r"://[^/@]*:[^/@]*@", value)


def test_every_secret_is_one_that_we_make_and_each_is_used() -> None:
    declared = set(RESOLVED["secrets"])
    used = {one for service in RESOLVED["services"].values() for one in service.get("secrets", [])}
    assert declared == used
    assert declared <= set(SecretName)


def test_what_belongs_to_people_is_given_to_no_container() -> None:
    assert SecretName.CLIENT_TOKEN not in RESOLVED["secrets"]


@pytest.mark.parametrize(
    ("secret", "owner"),
    [
        ("seed_encryption_key", "controlling"),
        ("pseudonym_key", "controlling"),
        ("contact_master_key", "notify"),
        ("contact_sealing_private_key", "notify"),
        ("source_tokens", "intake"),
    ],
)
def test_a_key_reaches_one_service_only(secret: str, owner: str) -> None:
    services = RESOLVED["services"].items()
    assert [name for name, one in services if secret in one.get("secrets", [])] == [owner]


@pytest.mark.parametrize("name", ["intake", "controlling", "notify"])
def test_services_wait_for_topics_and_migrations(name: str) -> None:
    waits = RESOLVED["services"][name]["depends_on"]
    done = {"condition": "service_completed_successfully"}
    assert waits == {"topics": done, "migrate": done}


@pytest.mark.parametrize("name", ["workbench", "desk"])
def test_where_people_sign_in_there_is_no_secret_but_its_own_password(name: str) -> None:
    process = RESOLVED["services"][name]
    assert process["secrets"] == [f"{name}_database_password"]
    assert set(process["depends_on"]) == {"migrate"}


def test_prometheus_scrapes_every_process_on_a_port_that_nobody_else_reaches() -> None:
    path = ROOT / "deploy" / "prometheus" / "prometheus.yml"
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["scrape_configs"]
    targets = {
        target for job in jobs for group in job["static_configs"] for target in group["targets"]
    }
    assert targets == {f"{process}:9100" for process in PROCESSES}
    for process in PROCESSES:
        service = RESOLVED["services"][process]
        command = service["command"]
        assert command[command.index("--metrics-port") + 1] == "9100"
        assert not any("9100" in str(port) for port in service["ports"])


def test_the_image_is_built_with_the_uv_of_the_makefile() -> None:
    version = re.search(r"^UV_VERSION := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert version
    assert f"uv=={version[1]}\n" in DOCKERFILE.read_text(encoding="utf-8")


def test_everything_the_image_copies_is_let_in_and_nothing_else() -> None:
    dockerfile = DOCKERFILE.read_text(encoding="utf-8")
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    copied = {word for line in copies for word in line.split()}
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    assert {line.removeprefix("!") for line in ignore if line.startswith("!")} == copied


def test_the_files_of_another_authority_reach_every_container_of_ours() -> None:
    resolved = resolve(settings_of(TRADE_OFFICE))
    for name in OURS:
        service = resolved["services"][name]
        assert "./deploy/examples/trade-office:/authority:ro" in service["volumes"]
        assert service["environment"]["GLEICHFALL_TEXTS"] == "/authority/texts"
    check_authority(resolved)
    check_authority(RESOLVED)


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("GLEICHFALL_LAW", "/authority/laws"),
        ("GLEICHFALL_TEXTS", "./deploy/examples/trade-office/texts"),
        ("GLEICHFALL_SYSTEMS", "/authority/../organisation"),
    ],
)
def test_a_file_that_a_container_would_not_find_is_told(variable: str, path: str) -> None:
    resolved = resolve(settings_of(TRADE_OFFICE) | {variable: path})
    with pytest.raises(AuthorityFileMissing, match=variable):
        check_authority(resolved)


def test_what_cannot_be_resolved_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = COMPOSE_FILE.with_name("no-such-compose.yaml")
    monkeypatch.setattr("deploy.containers.compose.COMPOSE_FILE", missing)
    with pytest.raises(ComposeUnresolvable, match=r"no-such-compose\.yaml can't be resolved: .+"):
        resolve({})
