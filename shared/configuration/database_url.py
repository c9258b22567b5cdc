"""The URL of the database: read in one place, and never quoted when it can't be."""

from urllib.parse import SplitResult, urlsplit

from shared.errors import PermanentError


class DatabaseUrlInvalid(PermanentError):
    """DATABASE_URL can't be used; the message never quotes it, for a password may stand in it."""

    exit_code = 2

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"DATABASE_URL {reason}; write it as postgresql://user:password@host:port/database"
        )


def read(database_url: str) -> SplitResult:
    """Give the parts of a URL of PostgreSQL.

    Raises:
        DatabaseUrlInvalid: It isn't one with a host and a database.
    """
    try:
        parts = urlsplit(database_url)
    except ValueError:  # quotes what it doesn't understand
        raise DatabaseUrlInvalid("is no URL") from None
    if parts.scheme not in ("postgresql", "postgres") or not database_url.startswith(
        f"{parts.scheme}://"
    ):
        raise DatabaseUrlInvalid("must begin with postgresql://")
    if database_url.count("@") > parts.netloc.endswith(f"@{server_of(parts)}"):
        raise DatabaseUrlInvalid(
            "has an @ too many: in a password @ is written %40, / is %2F, ? is %3F and # is %23"
        )
    if not parts.hostname or not parts.path.strip("/"):
        raise DatabaseUrlInvalid("needs a host and a database")
    if not all(map(_has_a_port_or_none, server_of(parts).split(","))):
        raise DatabaseUrlInvalid("has a port that is no number up to 65535")
    return parts


def server_of(parts: SplitResult) -> str:
    """Give host and port, or several of them, without credentials."""
    return parts.netloc.rpartition("@")[2]


def _has_a_port_or_none(server: str) -> bool:
    try:
        return urlsplit(f"//{server}").port != 0
    except ValueError:
        return False
