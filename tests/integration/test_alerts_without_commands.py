"""Alerts whose runbooks have nothing to type: their figures show the fault, and that it is over."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from shared.observe.gauges import CertificateUse
from shared.postgres.backlogs import tell_pool
from shared.postgres.pool import Pool
from shared.service.looking import tell_certificates
from tests.figures import read_by
from tests.integration.controlling_helpers import decided, reads_of
from tests.integration.review_helpers import Desk
from tests.integration.workbench_helpers import Workbench
from tests.runbooks import Follow, Said

pytestmark = pytest.mark.stack


async def nobody(words: Sequence[str]) -> Said:
    """Type nothing: there is nothing to type."""
    raise AssertionError(words)


async def test_a_process_without_a_connection_left_is_told(pool: Pool, follow: Follow) -> None:
    runbook = await follow("PoolExhausted", nobody, read_by(notify=[partial(tell_pool, pool)]))
    async with AsyncExitStack() as held:
        for _ in range(pool.get_max_size()):
            await held.enter_async_context(pool.acquire())
        await runbook.look()
    await runbook.prove()


async def test_slow_statements_are_told(pool: Pool, follow: Follow) -> None:
    runbook = await follow("StatementsSlow", nobody, read_by(notify=[]))
    await pool.execute("SELECT pg_sleep(1.1)")
    await runbook.look()
    await runbook.prove()


async def test_pages_that_fail_are_told(pages: Workbench, stack: Addresses, follow: Follow) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    owner = await asyncpg.connect(stack.database_url)
    runbook = await follow("PagesFail", nobody, read_by(workbench=[]))
    await owner.execute("ALTER VIEW controlling.board_review RENAME TO lost")
    assert (await controller.get("/board")).status_code == 500
    await runbook.look()
    await owner.execute("ALTER VIEW controlling.lost RENAME TO board_review")
    assert (await controller.get("/board")).status_code == 200
    await runbook.prove()
    await owner.close()


async def test_a_certificate_that_ends_soon_is_told_until_another_one_is_there(
    tmp_path: Path, follow: Follow
) -> None:
    file = tmp_path / "kafka.pem"
    write_certificate(file, timedelta(days=100))
    figures = read_by(notify=[tell_certificates({CertificateUse.KAFKA_OURS: file})])
    runbook = await follow("CertificateEnds", nobody, figures)
    write_certificate(file, timedelta(days=13))
    await runbook.look()
    write_certificate(file, timedelta(days=100))
    await runbook.prove()


def write_certificate(file: Path, left: timedelta) -> None:
    """Write one that is valid for so long."""
    key, name, now = Ed25519PrivateKey.generate(), x509.Name([]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + left)
        .sign(key, None)
    )
    file.write_bytes(certificate.public_bytes(Encoding.PEM))


async def test_reviews_that_are_overdue_are_told_from_seven_on(desk: Desk, follow: Follow) -> None:
    figures = read_by(controlling=reads_of(desk.controlling))
    runbook = await follow("ReviewsOverdue", nobody, figures)
    await desk.drawn(*(decided(number) for number in range(7)))
    await desk.owner.execute("UPDATE controlling.review SET due = current_date - 3")
    await runbook.look()
    one = "(SELECT id FROM controlling.review LIMIT 1)"
    await desk.owner.execute(
        f"UPDATE controlling.review SET due = current_date + 3 WHERE id = {one}"
    )
    await runbook.prove()
