"""A mail counts once, however often the mail server got it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.summary.ledgers import count_mails


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("tmp", "new", "cur"):
        (tmp_path / name).mkdir()
    return tmp_path


def mail(message_id: str, body: str = "Guten Tag") -> bytes:
    return (
        "Return-Path: <amt@example.org>\r\nSubject: Ihr Antrag\r\n"
        f"Message-ID: {message_id}\r\n\r\n{body}\r\n"
    ).encode()


def test_a_mail_that_was_sent_again_counts_once(maildir: Path) -> None:
    (maildir / "new" / "1").write_bytes(mail("<a@example.org>"))
    (maildir / "new" / "2").write_bytes(mail("<a@example.org>", "Guten Tag, noch einmal"))
    (maildir / "new" / "3").write_bytes(mail("<b@example.org>"))

    assert count_mails(maildir) == 2


def test_a_mail_that_somebody_has_read_still_counts(maildir: Path) -> None:
    (maildir / "cur" / "1:2,S").write_bytes(mail("<a@example.org>"))

    assert count_mails(maildir) == 1


def test_a_mail_that_is_being_written_does_not_count_yet(maildir: Path) -> None:
    (maildir / "tmp" / "1").write_bytes(mail("<a@example.org>"))

    assert count_mails(maildir) == 0


def test_the_header_is_found_in_any_case_and_only_in_the_header(maildir: Path) -> None:
    (maildir / "new" / "1").write_bytes(b"message-id: <a@example.org>\n\nMessage-ID: <x@y>\n")
    (maildir / "new" / "2").write_bytes(b"MESSAGE-ID:<a@example.org>\n\n")
    (maildir / "new" / "3").write_bytes(b"Subject: none\n\nMessage-ID: <a@example.org>\n")

    assert count_mails(maildir) == 2


def test_mails_without_an_id_each_count(maildir: Path) -> None:
    for name in ("1", "2"):
        (maildir / "new" / name).write_bytes(b"Subject: none\n\nGuten Tag\n")

    assert count_mails(maildir) == 2


def test_a_maildir_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert count_mails(tmp_path / "none") == 0


@given(numbers=st.lists(st.integers(0, 5), max_size=12))
def test_as_many_mails_as_different_ids(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("mail")
    (folder / "new").mkdir()
    for place, number in enumerate(numbers):
        (folder / "new" / str(place)).write_bytes(mail(f"<{number}@example.org>"))

    assert count_mails(folder) == len(set(numbers))
