"""Refused is told from away: aiokafka hides the one behind the other, and would wait for ever.

Its clients say "unable to bootstrap", whatever the broker said. So where one fails, a connection of
its own is made, and what that one meets is what is told.
"""

import asyncio
import ssl
from collections.abc import Iterator
from datetime import timedelta

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    AuthenticationFailedError,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    SecurityDisabled,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from shared.errors import GleichfallError
from shared.kafka.brokers import Brokers
from shared.kafka.errors import (
    AccessNotControlled,
    BrokerNotBelieved,
    CertificateRefused,
    KafkaUnreachable,
    LoginRefused,
    MechanismRefused,
    ProtocolRefused,
    RightsMissing,
)

_PATIENCE = timedelta(seconds=5)
_KNOCKS = 3
_BETWEEN_KNOCKS = timedelta(milliseconds=500)
_DENIED = {
    TopicAuthorizationFailedError: "use a topic",
    GroupAuthorizationFailedError: "use a consumer group",
    ClusterAuthorizationFailedError: "change the cluster",
}


async def explain(brokers: Brokers, error: BaseException) -> GleichfallError:
    """Tell why a client of Kafka failed: it was refused, or Kafka is away.

    Args:
        brokers: Where it went, and as whom.
        error: What it met.
    """
    if isinstance(error, GleichfallError):
        return error
    return (
        _refusal(brokers, error)
        or await _knock(brokers)
        or KafkaUnreachable(brokers.servers, error)
    )


async def _knock(brokers: Brokers) -> GleichfallError | None:
    """Go to each broker until one lets us in; give what the last one said that didn't."""
    refusal = None
    for host, port, _ in collect_hosts(brokers.servers):
        try:
            refusal = await _knock_at(brokers, host, port)
        except (KafkaError, OSError, TimeoutError):
            continue  # away
        if refusal is None:
            return None
    return refusal


async def _knock_at(brokers: Brokers, host: str, port: int) -> GleichfallError | None:
    """Give how a broker refuses us.

    One that takes a connection and breaks it off may be about to stop. Where it does so each time,
    it doesn't understand us.

    Raises:
        KafkaError, OSError, TimeoutError: it is away.
    """
    for knock in range(1, _KNOCKS + 1):
        try:
            await _speak(brokers, host, port)
        except (KafkaError, OSError, ValueError) as error:
            if refusal := _refusal(brokers, error):
                return refusal
            if not _breaks_off(error):
                raise
            if knock < _KNOCKS:
                await asyncio.sleep(_BETWEEN_KNOCKS.total_seconds())
        else:
            return None
    return ProtocolRefused(brokers.servers, brokers.protocol.value)


async def _speak(brokers: Brokers, host: str, port: int) -> None:
    limit = int(_PATIENCE.total_seconds() * 1000)
    connection = await create_conn(host, port, request_timeout_ms=limit, **brokers.identity)
    try:
        await connection.send(MetadataRequest([]))
    finally:
        connection.close()


def _refusal(brokers: Brokers, error: BaseException) -> GleichfallError | None:
    """Name what a broker or TLS has said no to."""
    named = (_named(brokers, cause) for cause in _causes(error))
    return next((one for one in named if one), None)


def _named(brokers: Brokers, cause: BaseException) -> GleichfallError | None:
    servers = brokers.servers
    match cause:
        case SaslAuthenticationFailed() | AuthenticationFailedError():
            named: GleichfallError | None = LoginRefused(servers, brokers.who)
        case UnsupportedSaslMechanismError() if brokers.login is not None:
            named = MechanismRefused(servers, brokers.login.mechanism.value)
        case IllegalSaslStateError():
            named = ProtocolRefused(servers, brokers.protocol.value)
        case SecurityDisabled():
            named = AccessNotControlled(servers)
        case ssl.SSLCertVerificationError():
            named = BrokerNotBelieved(servers, cause.verify_message)
        case ssl.SSLError() if "ALERT" in (cause.reason or ""):
            named = CertificateRefused(servers, cause.reason.replace("_", " ").lower())
        case _ if type(cause) in _DENIED:
            named = RightsMissing(brokers.who, [_denied(cause)])
        case _:
            named = None
    return named


def _denied(error: BaseException) -> str:
    named = ", ".join(str(one) for one in error.args)
    return f"{_DENIED[type(error)]} ({named})" if named else _DENIED[type(error)]


def _breaks_off(error: BaseException) -> bool:
    """Whether a broker took the connection, and then did not go on with it."""
    return isinstance(
        error, KafkaConnectionError | ConnectionResetError | ConnectionAbortedError | ssl.SSLError
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
