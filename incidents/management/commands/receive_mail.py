"""`manage.py receive_mail`: one mail on standard input, as mail servers hand it to pipes.

The exit status is the answer, in the numbers of sysexits.h: 0 is stored, 75 asks the
mail server to try again, 67 is nobody's address and 65 no alert; both are returned to
who sent it.
"""

import logging
import sys
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from incidents.services import inbox, mail
from incidents.services.messages import MOST_BODY
from opsportal.kit.nudge import nudge

log = logging.getLogger(__name__)

EX_DATAERR, EX_NOUSER, EX_TEMPFAIL = 65, 67, 75
_STATUSES = {400: EX_DATAERR, 404: EX_NOUSER}
_REST = 1024 * 1024


class Command(BaseCommand):
    """Take one mail and say by the exit status what became of it."""

    help = "Reads one mail from standard input and opens, repeats or ends its alert."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address that the mail was for."""
        parser.add_argument(
            "address", nargs="?", default="",
            help="such as alerts+KEY@example.org; without it the headers are asked",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0 only when the mail is stored."""
        body = _read(sys.stdin.buffer)
        try:
            self._take(options["address"], body)
        except CommandError:
            raise
        except Exception as error:
            # Whatever it is, somebody may mend it before the mail server gives up.
            log.exception("mail_failed")
            raise CommandError("Busy: try again.", returncode=EX_TEMPFAIL) from error

    def _take(self, address: str, body: bytes) -> None:
        now = timezone.now()
        key = mail.find_mail_key(address, body, now=now)
        try:
            taken = mail.take_mail(key, body, now=now)
        except mail.Refused as refusal:
            status = _STATUSES[refusal.status]
            raise CommandError(refusal.reason, returncode=status) from None
        # This process ends at once: what would ask a moment later never would.
        nudge(inbox.TASK)
        self.stdout.write(f"{taken.status}: {taken.pk}")


def _read(source: BinaryIO) -> bytes:
    """Return the mail; of one that is too long the rest is read and left."""
    body = source.read(MOST_BODY)
    while source.read(_REST):
        pass
    return body
