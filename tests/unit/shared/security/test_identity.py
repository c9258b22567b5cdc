import json
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.security.identity import (
    OWN_SOURCES,
    ServiceToken,
    SourceSystem,
    SourceTokens,
    SystemUndescribed,
)
from shared.security.key_ring import KeyRing
from shared.security.secrets import SecretMalformed, SecretName, SecretStore

DESCRIBED = {
    name: SourceSystem(name, (f"urn:{name}:*",), ("*",)) for name in ("advis", "telephone")
}


def register(**tokens: str) -> SecretStr:
    entries = {
        name: {"token_sha256": sha256(token.encode()).hexdigest()} for name, token in tokens.items()
    }
    return SecretStr(json.dumps(entries))


def test_a_source_system_is_known_by_its_token() -> None:
    tokens = SourceTokens.parse(register(advis="a", telephone="b"), DESCRIBED)

    assert tokens.authenticate("b") == DESCRIBED["telephone"]


@pytest.mark.parametrize("token", ["", "c", "ab", sha256(b"a").hexdigest(), "ä"])
def test_any_other_token_is_nobody(token: str) -> None:
    assert (
        SourceTokens.parse(register(advis="a", telephone="b"), DESCRIBED).authenticate(token)
        is None
    )


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ("urn:advis", True),
        ("urn:advis:1", False),
        ("urn:phone:7", True),
        ("urn:phone:", True),
        ("urn:phone", False),
        ("urn:other", False),
        ("", False),
    ],
)
def test_a_source_system_speaks_only_for_its_own_sources(source: str, *, allowed: bool) -> None:
    system = SourceSystem("advis", ("urn:advis", "urn:phone:*"), ("*",))

    assert system.allows(source) is allowed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"advis": {}}',
        '{"advis": {"token_sha256": "abc", "sources": ["urn:advis"]}}',
        '{"": {"token_sha256": "' + "a" * 64 + '"}}',
    ],
)
def test_a_malformed_register_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(SecretMalformed) as refusal:
        SourceTokens.parse(SecretStr(text), DESCRIBED)

    assert "a" * 64 not in str(refusal.value)


def test_a_token_of_a_system_that_nobody_describes_is_no_token() -> None:
    with pytest.raises(SystemUndescribed, match=r"meldewesen.*GLEICHFALL_SYSTEMS"):
        SourceTokens.parse(register(advis="a", meldewesen="b"), DESCRIBED)


@pytest.mark.parametrize("source", [*sorted(OWN_SOURCES), "URN:gleichfall:Intake"])
def test_nobody_outside_speaks_as_one_of_our_services(source: str) -> None:
    system = SourceSystem("gleichfall", ("urn:gleichfall:*", source, "*"), ("*",))

    assert not system.allows(source)


@pytest.mark.parametrize(
    ("fact", "stated"),
    [
        ("call.received", True),
        ("call.called_back", True),
        ("decisions.counted", True),
        ("decision.made", False),
        ("case.closed", False),
    ],
)
def test_a_system_states_what_it_was_granted(fact: str, *, stated: bool) -> None:
    system = SourceSystem("phone", ("urn:phone",), ("call.*", "decisions.counted"))

    assert system.states(fact) is stated


def test_two_systems_cannot_share_a_token() -> None:
    with pytest.raises(SecretMalformed, match="one token to two systems"):
        SourceTokens.parse(register(advis="a", telephone="a"), DESCRIBED)


def test_a_service_is_known_by_the_shared_token_the_new_and_the_old(tmp_path: Path) -> None:
    (tmp_path / SecretName.HANDOVER_TOKEN).write_text("a\nold o-1\nnext n_2\n")
    intake = ServiceToken("intake", KeyRing(SecretStore(tmp_path), SecretName.HANDOVER_TOKEN))

    for one in ("a", "o-1", "n_2"):
        assert intake.authenticate(one) == "intake"
    for other in ("b", "old o-1", ""):
        assert intake.authenticate(other) is None
    assert intake.authenticate("ä") is None
