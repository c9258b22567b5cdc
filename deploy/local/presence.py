"""Whether a stack is there and where its parts are, for commands that know nothing else of it."""

from collections.abc import Mapping

from deploy.local import lock, owner, record
from deploy.local.folder import Folder
from shared.configuration.places import POLICY_VARIABLE


def running(folder: Folder) -> int | None:
    """The process id of the living supervisor, None when nothing runs."""
    return lock.holder(folder.supervisor_lock)


def is_ready(folder: Folder) -> bool:
    """Whether a supervisor is there and everything under it has answered."""
    pid = running(folder)
    return pid is not None and record.load(folder.record).ready_under == pid


def owner_database_url(folder: Folder, environment: Mapping[str, str]) -> str:
    """The database of the running stack for its owner, password included."""
    given = environment.get("DATABASE_URL")
    port = record.load(folder.record).ports.get("postgres", 0)
    return given or owner.database_url(folder, port)


def environment_of_running(folder: Folder, environment: Mapping[str, str]) -> dict[str, str]:
    """Give the variables with which a command finds the running stack; none when nothing runs."""
    if not is_ready(folder):
        return {}
    addresses = record.load(folder.record).addresses
    policy = {POLICY_VARIABLE: addresses["policy"]} if "policy" in addresses else {}
    return policy | {
        "INTAKE_URL": addresses["intake"],
        "KAFKA_BOOTSTRAP_SERVERS": addresses["kafka"],
        "DATABASE_URL": owner_database_url(folder, environment),
        "GLEICHFALL_SECRETS_DIR": str(folder.secrets),
    }
