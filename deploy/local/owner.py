"""The owner of the local stack's database: name, password, and how to connect."""

from pathlib import Path

from deploy.local.errors import OwnerPasswordMissing
from deploy.local.folder import Folder
from deploy.local.ports import HOST

OWNER = "gleichfall"
DATABASE = "gleichfall"


def password_file(folder: Folder) -> Path:
    """Where the owner's password stands."""
    return folder.secrets / "owner_database_password"


def database_url(folder: Folder, port: int, database: str = DATABASE) -> str:
    """The owner's connection URL, password included.

    Raises:
        OwnerPasswordMissing: The folder has a cluster and no password for it.
    """
    file = password_file(folder)
    try:
        password = file.read_text().partition("\n")[0].strip()
    except FileNotFoundError as error:
        raise OwnerPasswordMissing(file, folder.postgres) from error
    return f"postgresql://{OWNER}:{password}@{HOST}:{port}/{database}"
