"""Only what the identity provider says of this sign-in counts; anything else is refused."""

import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from shared.web.sign_in.identity_provider import (
    LOGGED_OUT,
    Attempt,
    Identity,
    IdentityProvider,
    ProviderAway,
    ProviderDisagrees,
    ProviderOpen,
)
from tests.unit.shared.web.sign_in.provider import CLIENT, Provider

RETURN = "http://127.0.0.1/sign-in/return"
EVENTS: dict[str, object] = {LOGGED_OUT: {}}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    async with made.serving():
        yield made


@pytest.fixture
def ours(provider: Provider) -> IdentityProvider:
    return IdentityProvider(provider.address, CLIENT, "preferred_username")


async def begun(ours: IdentityProvider, provider: Provider) -> Attempt:
    """Go there, as a browser does."""
    attempt = Attempt.begin("/reviews")
    asked = parse_qs(urlsplit(await ours.address(attempt, RETURN)).query)
    provider.challenge, provider.nonce = asked["code_challenge"][0], asked["nonce"][0]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"] == [attempt.state]
    assert asked["redirect_uri"] == [RETURN]
    return attempt


async def test_who_comes_back_with_a_code_is_who_the_token_says(
    ours: IdentityProvider, provider: Provider
) -> None:
    attempt = await begun(ours, provider)
    assert await ours.redeem(attempt, "good", RETURN) == Identity("m.berger", "s-1")


@pytest.mark.parametrize(
    "said",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": int(time.time()) + 3_600},
        {"preferred_username": None},
        {"preferred_username": ""},
        {"aud": [CLIENT, "another"], "azp": "another"},
    ],
)
async def test_a_token_for_something_else_is_refused(
    ours: IdentityProvider, provider: Provider, said: dict[str, object]
) -> None:
    attempt = await begun(ours, provider)
    provider.said = said
    with pytest.raises(ProviderDisagrees):
        await ours.redeem(attempt, "good", RETURN)


async def test_a_code_that_somebody_else_asked_for_is_refused(
    ours: IdentityProvider, provider: Provider
) -> None:
    await begun(ours, provider)
    with pytest.raises(ProviderDisagrees, match="invalid_grant"):
        await ours.redeem(Attempt.begin("/"), "good", RETURN)


async def test_a_token_of_another_signer_is_refused(
    ours: IdentityProvider, provider: Provider
) -> None:
    await begun(ours, provider)
    forger = Provider(provider.address, RSAKey.generate_key(2048, {"kid": "one"}))
    with pytest.raises(ProviderDisagrees, match="signed"):
        await ours.ended(forger.token(events=EVENTS, sid="s-1"))


async def test_new_keys_are_asked_for_when_the_old_ones_fit_no_more(
    ours: IdentityProvider, provider: Provider
) -> None:
    attempt = await begun(ours, provider)
    await ours.redeem(attempt, "good", RETURN)
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert await ours.redeem(attempt, "good", RETURN) == Identity("m.berger", "s-1")


async def test_a_logout_names_its_session(ours: IdentityProvider, provider: Provider) -> None:
    assert await ours.ended(provider.token(events=EVENTS, sid="s-1")) == "s-1"


@pytest.mark.parametrize(
    "claims",
    [
        {"sid": "s-1"},
        {"events": {}, "sid": "s-1"},
        {"events": EVENTS},
        {"events": EVENTS, "sid": "s-1", "nonce": "x"},
        {"events": EVENTS, "sid": "s-1", "aud": "another"},
    ],
)
async def test_what_is_no_logout_ends_nothing(
    ours: IdentityProvider, provider: Provider, claims: dict[str, object]
) -> None:
    with pytest.raises(ProviderDisagrees):
        await ours.ended(provider.token(**claims))


async def test_a_provider_that_is_away_is_told_so() -> None:
    away = IdentityProvider("http://127.0.0.1:9", CLIENT, "preferred_username")
    with pytest.raises(ProviderAway):
        await away.address(Attempt.begin("/"), RETURN)


async def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    provider: Provider,
) -> None:
    other = provider.address.replace("127.0.0.1", "localhost")
    with pytest.raises(ProviderAway, match="calls itself"):
        await IdentityProvider(other, CLIENT, "sub").address(Attempt.begin("/"), RETURN)


def test_what_others_could_read_is_not_used() -> None:
    with pytest.raises(ProviderOpen):
        IdentityProvider("http://login.example.de/realms/office", CLIENT, "sub")


@pytest.mark.parametrize("kept", ["", "{", "[]", "1", '{"state": "x"}'])
def test_what_a_browser_kept_wrongly_is_no_attempt(kept: str) -> None:
    assert Attempt.parse(kept) is None


def test_an_attempt_survives_the_way_there_and_back() -> None:
    attempt = Attempt.begin("/reviews?a=1")
    assert Attempt.parse(str(attempt)) == attempt
