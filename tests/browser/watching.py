"""How Chromium is started, and what it complains of while somebody works."""

from playwright.sync_api import ConsoleMessage, Page, Request

CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)


class Watch:
    """Errors in the console, breaches of the policy, requests to anywhere else."""

    def __init__(self, portal: str) -> None:
        """Take the address of the portal, the only one that may be asked."""
        self._portal = portal
        self._seen: list[str] = []
        self._expected: list[str] = []

    def follow(self, page: Page) -> None:
        """Listen to a page and to all that it asks for."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._seen.append(f"script: {error}"))
        page.on("request", self._see)

    def expects(self, words: str) -> None:
        """Let complaints with these words pass, those about an answer's status."""
        self._expected.append(words)

    def complaints(self) -> list[str]:
        """Return what nobody expected."""
        return [
            said
            for said in self._seen
            if not any(words in said for words in self._expected)
        ]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self._seen.append(f"{message.type}: {message.text} {where}".rstrip())

    def _see(self, request: Request) -> None:
        if not request.url.startswith((f"{self._portal}/", "data:")):
            self._seen.append(f"asked elsewhere: {request.url}")
