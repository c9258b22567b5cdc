"""The catalogues with which reviews began: a changed file never touches reviews under way."""

from services.controlling.forms.catalogue import Criteria
from shared.errors import PermanentError
from shared.postgres.pool import Connection
from shared.postgres.queries import load

QUERIES = load(__file__)


class CatalogueMissing(PermanentError):
    """A review began with a catalogue of criteria that wasn't kept."""

    def __init__(self, digest: str) -> None:
        super().__init__(
            f"no catalogue of criteria with the digest {digest[:12]} was kept; "
            "restore the table catalogue from the last backup"
        )


async def keep(connection: Connection, criteria: Criteria) -> None:
    """Keep a catalogue for the reviews that begin with it."""
    await connection.execute(
        QUERIES["keep_catalogue"], criteria.digest, criteria.version, criteria.document
    )


async def kept(connection: Connection, digest: str) -> Criteria:
    """Give a catalogue that was kept.

    Raises:
        CatalogueMissing: it wasn't.
    """
    document = await connection.fetchval(QUERIES["kept_catalogue"], digest)
    if document is None:
        raise CatalogueMissing(digest)
    return Criteria.kept(document)
