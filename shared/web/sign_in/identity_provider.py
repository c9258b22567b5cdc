"""OpenID Connect: who somebody is, as the authority's own identity provider says.

Code flow with PKCE (S256), state and nonce: https://openid.net/specs/openid-connect-core-1_0.html.
We are a public client: a secret that each deployment would keep proves no more than PKCE does.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.errors import PermanentError, TransientError
from shared.web.sign_in.session import is_private

DISCOVERY = "/.well-known/openid-configuration"
LOGGED_OUT = "http://schemas.openid.net/event/backchannel-logout"
ALGORITHMS = ["RS256", "PS256", "ES256"]
_TIMEOUT_SECONDS = 10
_KNOWN_SECONDS = 3_600
_LEEWAY_SECONDS = 60
_RANDOM = 48


class ProviderAway(TransientError):
    """The identity provider doesn't answer, or says nothing that can be used."""

    def __init__(self, issuer: str, reason: str) -> None:
        super().__init__(f"the identity provider {issuer} can't be asked: {reason}")


class ProviderDisagrees(PermanentError):
    """What came isn't what the identity provider would send for this sign-in."""


class ProviderOpen(PermanentError):
    """Others could read what the identity provider says."""

    def __init__(self, issuer: str) -> None:
        super().__init__(f"WORKBENCH_ISSUER {issuer} must begin with https://")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in under way; the browser keeps it until it comes back.

    Attributes:
        state: By which the answer is recognised.
        nonce: By which the token is.
        verifier: Proves that who redeems the code is who asked for it.
        back: The page to go to afterwards.
    """

    state: str
    nonce: str
    verifier: str
    back: str

    @classmethod
    def begin(cls, back: str) -> "Attempt":
        """Make one that nobody can guess."""
        return cls(generate_token(_RANDOM), generate_token(_RANDOM), generate_token(_RANDOM), back)

    @classmethod
    def parse(cls, text: str) -> "Attempt | None":
        """Read what the browser has kept."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, and what the provider calls the session, to end it from there."""

    login: str
    sid: str | None


class IdentityProvider:
    """The authority's sign-in.

    Args:
        issuer: Its address; what it says of itself is found below it.
        client_id: What we are called there.
        login_claim: Which of its claims is the login of an account.

    Raises:
        ProviderOpen: others could read what it says.
    """

    def __init__(self, issuer: str, client_id: str, login_claim: str) -> None:
        if not is_private(issuer):
            raise ProviderOpen(issuer)
        self._issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._login_claim = login_claim
        self._about: Mapping[str, Any] = {}
        self._keys = KeySet([])
        self._known_until = 0.0

    async def address(self, attempt: Attempt, return_to: str) -> str:
        """Give where somebody signs in.

        Raises:
            ProviderAway: it can't be asked.
        """
        await self._learn()
        address: str = prepare_grant_uri(
            self._about["authorization_endpoint"],
            self._client_id,
            "code",
            redirect_uri=return_to,
            scope="openid profile",
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return address

    async def redeem(self, attempt: Attempt, code: str, return_to: str) -> Identity:
        """Turn the code with which somebody came back into who they are.

        Raises:
            ProviderAway: it can't be asked.
            ProviderDisagrees: the code or the token isn't for this sign-in.
        """
        await self._learn()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": return_to,
            "client_id": self._client_id,
            "code_verifier": attempt.verifier,
        }
        answer = await self._ask("POST", self._about["token_endpoint"], form)
        token = answer.get("id_token")
        claims = await self._claims(str(token), {"nonce": attempt.nonce})
        login = claims.get(self._login_claim)
        if not isinstance(login, str) or not login:
            raise ProviderDisagrees(f"the token has no {self._login_claim}")
        sid = claims.get("sid")
        return Identity(login, sid if isinstance(sid, str) else None)

    async def ended(self, logout_token: str) -> str:
        """Give the session that the provider says has ended.

        Raises:
            ProviderAway: its keys can't be asked for.
            ProviderDisagrees: it isn't such a message, or not from there.
        """
        claims = await self._claims(logout_token, {})
        events, sid = claims.get("events"), claims.get("sid")
        if not isinstance(events, dict) or LOGGED_OUT not in events or "nonce" in claims:
            raise ProviderDisagrees("this is no logout token")
        if not isinstance(sid, str):
            raise ProviderDisagrees("the logout token names no session")
        return sid

    async def _claims(self, token: str, params: Mapping[str, str]) -> CodeIDToken:
        await self._learn()
        try:
            decoded = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # Perhaps it has new keys.
            await self._learn(anew=True)
            try:
                decoded = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError) as error:
                raise ProviderDisagrees(f"the token isn't signed by it: {error}") from None
        options = {
            "iss": {"essential": True, "value": self._about["issuer"]},
            "aud": {"essential": True, "value": self._client_id},
            "exp": {"essential": True},
        }
        claims = CodeIDToken(
            decoded.claims, decoded.header, options, {"client_id": self._client_id, **params}
        )
        try:
            claims.validate(leeway=_LEEWAY_SECONDS)
        except JoseError as error:
            raise ProviderDisagrees(f"the token isn't for us: {error}") from None
        return claims

    async def _learn(self, *, anew: bool = False) -> None:
        """Ask what it says of itself, unless that is known."""
        if not anew and time.monotonic() < self._known_until:
            return
        about = await self._ask("GET", f"{self._issuer}{DISCOVERY}")
        if str(about.get("issuer", "")).rstrip("/") != self._issuer:
            raise ProviderAway(self._issuer, f"it calls itself {about.get('issuer')}")
        try:
            keys = await self._ask("GET", about["jwks_uri"])
            self._keys = KeySet.import_key_set(keys)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError) as error:
            raise ProviderAway(self._issuer, f"its keys can't be used: {error}") from error
        self._about = about
        self._known_until = time.monotonic() + _KNOWN_SECONDS

    async def _ask(
        self, method: str, address: str, form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.request(method, address, data=form)
            said = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAway(self._issuer, type(error).__name__) from error
        if answer.is_client_error and form is not None:
            raise ProviderDisagrees(f"it refused the code: {said.get('error')}")
        if not answer.is_success or not isinstance(said, dict):
            raise ProviderAway(self._issuer, f"HTTP status {answer.status_code}")
        return said
