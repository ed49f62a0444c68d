"""Inputs that forms of checks need beyond Django's."""

import re
from datetime import timedelta
from typing import Any

from django import forms

_LENGTH = re.compile(
    r"(?=\d)(?:(\d{1,3})\s*d)?\s*(?:(\d{1,4})\s*h)?\s*"
    r"(?:(\d{1,5})\s*m(?:in)?)?\s*(?:(\d{1,6}(?:\.\d{1,3})?)\s*s)?"
)
_HEADER = re.compile(r"([^:\s]+)\s*:\s*(.*)")


class LengthField(forms.CharField):
    """A length of time in words: 30s, 5m, 1h 30m, 1d."""

    def prepare_value(self, value: Any) -> Any:
        """Show a timedelta in words."""
        return write_length(value) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> Any:
        """Read the words; raises ValidationError."""
        if isinstance(value, timedelta):
            return value
        text = super().to_python(value)
        if not text:
            return None
        found = _LENGTH.fullmatch(text)
        if found is None:
            raise forms.ValidationError("Write a length such as 30s, 5m or 1h 30m.")
        days, hours, minutes, seconds = (
            float(number or 0) for number in found.groups()
        )
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def write_length(length: timedelta) -> str:
    """Return a length as LengthField reads it: 1h 30m; nothing is 0s."""
    whole, seconds = divmod(length.total_seconds(), 60)
    minutes = int(whole)
    parts = [
        (minutes // 1440, "d"),
        (minutes // 60 % 24, "h"),
        (minutes % 60, "m"),
        (seconds, "s"),
    ]
    return " ".join(f"{number:g}{unit}" for number, unit in parts if number) or "0s"


class LinesField(forms.CharField):
    """A list, one entry a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """Read the lines that are not empty."""
        lines = str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]


class HeadersField(forms.CharField):
    """HTTP headers, one ``Name: value`` a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        """Show a mapping as lines."""
        if isinstance(value, dict):
            return "\n".join(f"{name}: {text}" for name, text in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        """Read the lines; raises ValidationError."""
        headers: dict[str, str] = {}
        for line in str(value or "").splitlines():
            if not line.strip():
                continue
            found = _HEADER.fullmatch(line.strip())
            if found is None:
                raise forms.ValidationError("Write one “Name: value” a line.")
            headers[found[1]] = found[2]
        return headers
