"""Pictures of the portal with its demo: `python -m tests.browser.shots OUT`.

Starts a portal of its own in a temporary folder, waits until the demo's checks have
looked, and writes a picture of each page in light, dark and on a phone to OUT. Names
that follow OUT choose pages: `python -m tests.browser.shots docs/screenshots today run`.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from opsportal.demo import LOGIN
from tests.browser.watching import CHROMIUM_ARGS

ROOT = Path(__file__).resolve().parents[2]
WAYS = (("light", 1320, 1000), ("dark", 1320, 1000), ("phone", 390, 844))
# A team without anything, for a person who may begin.
NEWCOMER = ("newcomer", LOGIN[1])
BEGIN = f"""
from django.utils import timezone
from oncall.models import Membership, Role, Team, User
team = Team.objects.create(slug="new", name="New team", time_zone="Europe/Berlin")
user = User.objects.create_user("{NEWCOMER[0]}", "newcomer@example.org", "{NEWCOMER[1]}")
user.name = "Newcomer"
user.save()
Membership.objects.create(team=team, user=user, role=Role.MANAGER)
"""
STARTS, LOOKS = 180.0, 40.0


def main(out: Path, *chosen: str) -> None:
    """Write the pictures, all or those chosen by name."""
    out.mkdir(parents=True, exist_ok=True)
    with run_portal() as portal, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=CHROMIUM_ARGS
        )
        pages = {**find_pages(browser, portal), "signin": ("", "/accounts/login/")}
        for way, width, height in WAYS:
            for name, (who, path) in pages.items():
                if chosen and name not in chosen:
                    continue
                page = open_page(browser, portal, way, (width, height), who)
                page.goto(path)
                if way == "phone":
                    # All of it, with the bar where it is: at the bottom.
                    tall = page.evaluate("document.documentElement.scrollHeight")
                    page.set_viewport_size({"width": width, "height": min(tall, 2400)})
                page.screenshot(path=out / f"{name}-{way}.png")
                sys.stdout.write(f"{name}-{way}: {page.title()}\n")
                page.context.close()
        browser.close()


@contextmanager
def run_portal() -> Iterator[str]:
    """Run `manage.py start` in a folder of its own; yield its address."""
    with socket.socket() as free, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        env = os.environ | {"OPSPORTAL_VAR": folder, "PORT": str(port)}
        run = [sys.executable, "manage.py"]
        process = subprocess.Popen([*run, "start"], cwd=ROOT, env=env)
        portal = f"http://127.0.0.1:{port}"
        try:
            wait_for(f"{portal}/readyz", process)
            done = [*run, "shell", "--no-imports", "-c", BEGIN]
            subprocess.run(done, cwd=ROOT, env=env, check=True)
            # Until each check of the demo has looked twice.
            time.sleep(LOOKS)
            yield portal
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the portal answers."""
    deadline = time.monotonic() + STARTS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException:
            time.sleep(0.5)
        else:
            return
    raise SystemExit(f"the portal did not start: {url}")


def open_page(
    browser: Browser, portal: str, way: str, size: tuple[int, int], who: str
) -> Page:
    """Return a page of a fresh browser, signed in as ``who`` unless that is empty."""
    context = browser.new_context(
        base_url=portal,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if way == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if who:
        page.goto("/accounts/login/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", LOGIN[1])
        page.click("button[type=submit]")
        page.wait_for_url(re.compile(r"/$"))
    return page


def find_pages(browser: Browser, portal: str) -> dict[str, tuple[str, str]]:
    """Return who looks at which path, by the name of the picture."""
    me = LOGIN[0]
    page = open_page(browser, portal, "light", (1320, 1000), me)

    def first(start: str, path: str, text: str = "") -> str:
        page.goto(start)
        links = page.locator(f"main a[href^='{path}']").filter(has_text=text)
        return str(links.first.get_attribute("href"))

    pages = {
        "today": "/",
        "run": first("/", "/runs/", "ARQ daily").split("#")[0],
        "checklists": "/checklists/",
        "history": "/checklists/arq-daily-checklist/",
        "checks": "/checks/",
        "check": first("/checks/?q=lag", "/checks/", "lag"),
        "schedule": "/oncall/platform/",
        "rotation": first("/oncall/platform/", "/oncall/platform/rotation/"),
        "alerts": "/alerts/",
        "incident": first("/incidents/", "/incidents/INC"),
        "services": "/services/",
        "service": "/services/arq/",
        "profile": "/me/",
        "error": "/nothing/here/",
    }
    page.context.close()
    return {name: (me, path) for name, path in pages.items()} | {
        "empty": (NEWCOMER[0], "/"),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
