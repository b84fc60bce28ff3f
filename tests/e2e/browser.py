"""The Temporal UI in a real browser, as an operator uses it."""

import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import FrameLocator, Locator, Page, async_playwright, expect

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000


def browser_path() -> str | None:
    """Find a browser on this machine; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@asynccontextmanager
async def a_page() -> AsyncIterator[Page]:
    """Open a window large enough for a desk."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path(), args=list(ARGUMENTS)
        )
        page = await browser.new_page(viewport={"width": 1440, "height": 1280})
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield page
        await browser.close()


class Desk:
    """What an operator does in the Temporal UI."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def open_waiting_order(self, list_url: str) -> str:
        """Open the first order of a list; return its workflow id."""
        await self.page.goto(list_url)
        link = self.page.locator("a[href*='order%2F']").first
        shown = (await link.inner_text()).strip()
        await link.click()
        return shown

    async def current_details(self) -> FrameLocator:
        """Show the decision, as fresh as it gets."""
        await self.page.get_by_role("tab", name="User Metadata").click()
        await expect(self.page.get_by_text("Current Details")).to_be_visible()
        await self.page.keyboard.press("r")
        return self.page.frame_locator("iframe").last

    async def send_update(self, name: str, payload: dict[str, Any]) -> Locator:
        """Send an update through the dialog; return the dialog."""
        await self.page.get_by_role("button", name="More Actions").click()
        await self.page.get_by_role("menuitem", name="Send an Update").click()
        dialog = self.page.get_by_role("dialog", name="Send an Update")
        await dialog.get_by_test_id("update-select-button").click()
        await self.page.get_by_role("option").filter(has_text=name).first.click()
        editor = dialog.locator(".cm-content")
        await editor.click()
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.insert_text(json.dumps(payload))
        # It reformats when it loses the focus, and that moves the button.
        await editor.blur()
        await dialog.get_by_role("button", name="Submit").click()
        return dialog

    async def picture(self, name: str) -> None:
        """Keep a screenshot where LANEWISE_SCREENSHOTS says, if anywhere."""
        folder = os.environ.get("LANEWISE_SCREENSHOTS")
        if folder:
            await self.page.screenshot(path=Path(folder) / f"{name}.png")
