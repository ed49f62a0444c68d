"""email: SMTP through Django, recognisable when it is sent twice."""

import hashlib
import re
import smtplib
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email

from oncall.transports.protocol import Message, Receipt, TransportError

MOST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class EmailTransport:
    """The address is one mailbox; the sender is the installation's."""

    connection: Callable[[], BaseEmailBackend] = get_connection

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Hand over to the mail server; raises TransportError.

        The Message-ID follows from ``key``: mail programs show a repetition once.
        """
        try:
            validate_email(address)
        except ValidationError:
            raise TransportError(
                "bad_address", "This is not a mail address.", permanent=True
            ) from None
        name = message_id(key)
        connection = self.connection()
        mail = EmailMultiAlternatives(
            subject=clean_subject(message.subject),
            body=_with_links(message),
            to=[address],
            headers={
                "Message-ID": name,
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
                **_ways_out(message),
            },
            connection=connection,
        )
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        try:
            with _translated():
                mail.send(fail_silently=False)
        finally:
            # Django leaves the connection open when signing in fails.
            with suppress(smtplib.SMTPException, OSError):
                connection.close()
        return Receipt(provider_id=name, detail="The mail server took it.")


def message_id(key: str) -> str:
    """``<hash@domain>``, always the same for a key."""
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    domain = sender.rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def clean_subject(subject: str) -> str:
    """One line without control characters, at most 200 characters.

    Alert texts of others end up here; a line break would begin a new header.
    """
    line = re.sub(r"\s+", " ", subject)
    kept = "".join(char for char in line if unicodedata.category(char)[0] != "C")
    return kept.strip()[:MOST_SUBJECT]


def _ways_out(message: Message) -> dict[str, str]:
    """Return the headers by which mail programs end these mails, as RFC 8058 says."""
    if not message.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{message.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _with_links(message: Message) -> str:
    parts = [message.text]
    if message.url and message.url not in message.text:
        parts.append(message.url)
    if links := [f"{act.label}: {act.url}" for act in message.acts if act.url]:
        parts += ["\n".join(links), "These links are for you alone."]
    if message.unsubscribe_url:
        parts.append(f"Hear no more of this: {message.unsubscribe_url}")
    return "\n\n".join(parts) + "\n" * (len(parts) > 1)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise TransportError(
            "recipient_refused",
            f"The mail server refused the recipient ({', '.join(map(str, codes))}).",
            permanent=all(code >= 500 for code in codes),
        ) from None
    except smtplib.SMTPAuthenticationError:
        # An administrator will mend it, and then the message should still go.
        raise TransportError(
            "access_denied", "The mail server did not let us in.", permanent=False
        ) from None
    except smtplib.SMTPResponseException as error:
        raise TransportError(
            "smtp_status",
            f"The mail server answered {error.smtp_code}.",
            permanent=error.smtp_code >= 500,
        ) from None
    except (smtplib.SMTPException, OSError):
        raise TransportError(
            "connection_failed", "The mail server cannot be reached.", permanent=False
        ) from None
