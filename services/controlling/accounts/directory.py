"""What sign-in asks of the accounts."""

from uuid import UUID

from services.controlling.accounts import store
from services.controlling.accounts.account import Account
from services.controlling.accounts.errors import AccountUnknown
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import write
from shared.postgres.pool import Connection
from shared.web.sign_in import session
from shared.web.sign_in.local import Credentials
from shared.web.sign_in.recognising import Happening

_ACTS = {
    Happening.SIGNED_IN: Act.SIGNED_IN,
    Happening.REFUSED: Act.SIGN_IN_REFUSED,
    Happening.SIGNED_OUT: Act.SIGNED_OUT,
    Happening.FORGED: Act.REFUSED,
}


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
        """Write down what happened, of nobody if nobody is known."""
        act, detail = _ACTS[what], {"why": what.value}
        if account is None:
            entry = Entry(None, None, act, "sign-in", detail)
        else:
            entry = Entry(account.id, str(account.role), act, f"account:{account.id}", detail)
        async with connection.transaction():
            await write(connection, entry)
