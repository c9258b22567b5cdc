"""What sign-in asks of the accounts."""

from uuid import UUID

from services.controlling.accounts import store
from services.controlling.accounts.account import Account
from services.controlling.accounts.errors import AccountUnknown
from shared.postgres.pool import Connection
from shared.web.sign_in import session
from shared.web.sign_in.local import Credentials
from shared.web.sign_in.recognising import Happening


class Accounts:
    """The accounts of controlling as sign-in sees them."""

    async def account(self, connection: Connection, account: UUID) -> Account | None:
        """Give an account that isn't locked."""
        found = await store.get(connection, account)
        return None if found is None or found.locked_at else found

    async def credentials(self, connection: Connection, login: str) -> Credentials | None:
        """Give what somebody signs in with here."""
        return await store.credentials(connection, login)

    async def named(self, connection: Connection, login: str) -> Account | None:
        """Give the account that isn't locked and that the identity provider calls so."""
        try:
            found = await store.of_login(connection, login)
        except AccountUnknown:
            return None
        return None if found.locked_at else found

    async def note(
        self, connection: Connection, what: Happening, account: session.Account | None
    ) -> None:
        """Write down what happened."""
