"""A real Keycloak with the people of an office, for tests of signing in."""

import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.local import child, jars, java
from deploy.local.folder import CHECKOUT
from deploy.local.jars import Lock
from deploy.local.lock import FileLock
from deploy.local.ports import RANGE, is_free
from shared.configuration.places import ROOT

KEYCLOAK = Lock("Keycloak", ROOT / "tests" / "keycloak.lock")
REALM, CLIENT, PASSWORD = "office", "gleichfall", "correct horse"
_ADMIN = "keeper"
_PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Keycloak:
    """A running one; a realm is made of whoever asks for it."""

    address: str

    @property
    def issuer(self) -> str:
        """What the realm calls itself."""
        return f"{self.address}/realms/{REALM}"

    def open_realm(self, people: list[str], application: str) -> None:
        """Make the realm anew: these people may sign in to the application at this address."""
        with self._keeper() as keeper:
            keeper.delete(f"/admin/realms/{REALM}")
            keeper.post("/admin/realms", json=_realm(people, application)).raise_for_status()

    def sign_out(self, person: str) -> None:
        """End all sessions of somebody, as an administrator does."""
        with self._keeper() as keeper:
            found = keeper.get(f"/admin/realms/{REALM}/users", params={"username": person}).json()
            user = found[0]["id"]
            keeper.post(f"/admin/realms/{REALM}/users/{user}/logout").raise_for_status()

    @contextmanager
    def _keeper(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.address, timeout=60, trust_env=False) as client:
            form = {
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": _ADMIN,
                "password": PASSWORD,
            }
            token = client.post("/realms/master/protocol/openid-connect/token", data=form)
            client.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
            yield client


def _realm(people: list[str], application: str) -> dict[str, Any]:
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "users": [_person(name) for name in people],
        "clients": [
            {
                "clientId": CLIENT,
                "publicClient": True,
                "redirectUris": [f"{application}/*"],
                "attributes": {
                    "pkce.code.challenge.method": "S256",
                    "backchannel.logout.url": f"{application}/sign-in/ended",
                    "backchannel.logout.session.required": "true",
                },
            }
        ],
    }


def _person(name: str) -> dict[str, Any]:
    return {
        "username": name,
        "enabled": True,
        "email": f"{name}@example.org",
        "emailVerified": True,
        "firstName": name,
        "lastName": "Muster",
        "credentials": [{"type": "password", "value": PASSWORD}],
    }


@contextmanager
def running(log: Path) -> Iterator[Keycloak]:
    """Start one on a free port; it forgets everything at its end."""
    home = _installed()
    shutil.rmtree(home / "data", ignore_errors=True)
    port = next(port for port in RANGE if is_free(port))
    address = ["--http-enabled=true", f"--http-port={port}", "--http-host=127.0.0.1"]
    process = child.start(
        "keycloak",
        [*_program(home), "start", "--optimized", "--hostname-strict=false", *address],
        log=log,
        environment=_environment(),
    )
    try:
        found = Keycloak(f"http://127.0.0.1:{port}")
        process.wait_for_answer(f"{found.address}/realms/master", timeout=_PATIENCE)
        yield found
    finally:
        process.kill()


def _program(home: Path) -> list[str | Path]:
    """What its own script runs, which would outlive the script."""
    return [
        java.find({}),
        "-Xmx512m",
        java.ONE_COMPILER,
        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
        f"-Dkc.home.dir={home}",
        "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
        "--add-opens=java.base/java.security=ALL-UNNAMED",
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "-cp",
        home / "lib" / "quarkus-run.jar",
        "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
    ]


def _installed() -> Path:
    """Unpack it and let it prepare itself, once in a checkout: that takes longer than its start."""
    [archive] = jars.class_path(KEYCLOAK, CHECKOUT.jars)
    home = CHECKOUT.root / archive.stem
    done = home / "prepared"
    with FileLock(CHECKOUT.root / "keycloak.lock", patience=_PATIENCE):
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(CHECKOUT.root)
            (CHECKOUT.root / archive.stem.replace("-quarkus-dist", "")).rename(home)
            program = home / "bin" / "kc.sh"
            program.chmod(0o755)  # an unpacked zip forgets it
            words = [str(program), "build", "--db=dev-file", "--cache=local"]
            subprocess.run(words, env=_environment(), check=True, capture_output=True)
            done.touch()
    return home


def _environment() -> Mapping[str, str]:
    return os.environ | {
        "JAVA": str(java.find({})),
        "JAVA_OPTS_APPEND": java.ONE_COMPILER,
        "KC_BOOTSTRAP_ADMIN_USERNAME": _ADMIN,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
    }
