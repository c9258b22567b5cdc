"""The public pages lead staff to where they work, and tell nobody whether they are signed in."""

import httpx
import pytest
from fastapi import FastAPI

from services.controlling.proof.pages import add_public_pages
from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation

WORKBENCH = "https://review.example.de/"


async def shown(home: str | None, **headers: str) -> str:
    """The page on which anybody checks a file, which wants no database."""
    app = FastAPI()
    add_public_pages(app, load_organisation(ORGANISATION), home)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/draws/verify", params={"language": "en"}, headers=headers)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize(("home", "links"), [(None, 0), (WORKBENCH, 1)])
async def test_they_lead_to_the_workbench_where_its_address_is_known(
    home: str | None, links: int
) -> None:
    page = await shown(home)
    assert page.count(f'<a class="home" href="{WORKBENCH}">For staff: to the workbench') == links


async def test_who_is_signed_in_there_gets_the_same_page() -> None:
    assert await shown(WORKBENCH, cookie="session=0") == await shown(WORKBENCH)
