"""Debian's Chromium without a window, which costs a quarter of what the whole browser does."""

import shutil

from playwright.async_api import Browser, Playwright

_PROGRAM = "chromium-headless-shell"


async def launch(play: Playwright) -> Browser:
    """Start one."""
    program = shutil.which(_PROGRAM)
    assert program, f"install the browser that tests look with: apt-get install {_PROGRAM}"
    return await play.chromium.launch(executable_path=program)
