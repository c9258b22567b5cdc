"""An SMS gateway over HTTP: one message is one request, and the message's identity is its key.

The key (`Idempotency-Key`, draft-ietf-httpapi-idempotency-key-header) closes the window that SMTP
leaves open: who was killed or cut off after the gateway took a message asks it again, and the
gateway says that it has it.
"""

from collections.abc import Mapping
from http import HTTPStatus

import httpx
from pydantic import SecretStr

from services.notify.channels.sms.writing import TextMessage
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import ProviderUnreachable

TIMEOUT = httpx.Timeout(connect=5, read=15, write=5, pool=5)

_NOT_OPENED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_SUCCESS = range(200, 300)
_MEANINGS: Mapping[int, Answer] = {
    HTTPStatus.CONFLICT: Answer.UNCLEAR,  # the same key is under way
    HTTPStatus.TOO_MANY_REQUESTS: Answer.LATER,
    HTTPStatus.BAD_REQUEST: Answer.CONTENT_REFUSED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Answer.CONTENT_REFUSED,
    HTTPStatus.UNPROCESSABLE_ENTITY: Answer.ADDRESS_REFUSED,
}
# The gateway says that it did nothing, or that it doesn't know us: it meets every message and will
# be mended, so no message may be lost over it.
_UNUSABLE: frozenset[int] = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PAYMENT_REQUIRED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)


class Gateway:
    """One gateway; it keeps its connections open."""

    def __init__(self, name: str, url: str, token: SecretStr, *, report_to: str) -> None:
        """Wire it.

        Args:
            name: What people call it.
            url: Messages are posted to `messages` below it.
            token: What it knows us by.
            report_to: The URL that it reports deliveries to.
        """
        self.name = name
        self._report_to = report_to
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=TIMEOUT,
            trust_env=False,
        )

    async def send(self, message: TextMessage) -> Answer:
        """Hand one message over.

        Raises:
            ProviderUnreachable: It is away or doesn't let us in, and took nothing.
        """
        try:
            response = await self._client.post(
                "messages",
                headers={"Idempotency-Key": str(message.identity)},
                json={
                    "to": message.recipient,
                    "text": message.sms.text,
                    "alphabet": message.sms.alphabet.name.lower(),
                    "valid_for": int(message.valid_for.total_seconds()),
                    "report_to": self._report_to,
                },
            )
        except _NOT_OPENED as error:
            raise ProviderUnreachable(self._called, type(error).__name__) from None
        except httpx.HTTPError:
            return Answer.UNCLEAR
        if response.status_code in _UNUSABLE:
            raise ProviderUnreachable(self._called, f"HTTP status {response.status_code}")
        return meaning(response.status_code)

    async def close(self) -> None:
        """Take leave."""
        await self._client.aclose()

    @property
    def _called(self) -> str:
        return f"the SMS gateway {self.name}"


def meaning(status: int) -> Answer:
    """Tell what an HTTP status means for a message that was handed over (RFC 9110, 15).

    An error inside of the gateway or behind it doesn't say whether it took the message.
    """
    if status in _SUCCESS:
        return Answer.ACCEPTED
    return _MEANINGS.get(status, Answer.UNCLEAR)
