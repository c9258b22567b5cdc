"""Neither a power cut nor a lost secret leaves the operator without a next step."""

import os
from pathlib import Path

import pytest

from deploy.local.errors import OwnerPasswordMissing
from deploy.local.folder import Folder
from deploy.local.postgres import Postgres, _disown


def test_a_left_pid_file_is_disowned_and_keeps_the_shared_memory_it_names(tmp_path: Path) -> None:
    left = tmp_path / "postmaster.pid"
    left.write_text("1\n/data\n1763842610\n26297\n\n127.0.0.1\n  5432001    4\nready\n")
    _disown(left)
    first, *rest = left.read_text().split("\n")
    assert int(first) == os.getpid()
    assert "  5432001    4" in rest


def test_without_a_pid_file_there_is_nothing_to_do(tmp_path: Path) -> None:
    _disown(tmp_path / "postmaster.pid")
    assert list(tmp_path.iterdir()) == []


def test_a_lost_password_is_named_with_the_way_out(tmp_path: Path) -> None:
    server = Postgres(Folder(tmp_path), port=5432, inherit=())
    with pytest.raises(OwnerPasswordMissing, match="put it back, or give up the data"):
        _ = server.database_url
