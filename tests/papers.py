"""What a PDF of ours says, read back from its bytes."""

import re
import zlib

# Before the line break: what is compressed may itself end with a carriage return.
_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
_GLYPH = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,})>")
_SHOWN = re.compile(rb"\(((?:[^\\()]|\\.)*)\) Tj", re.DOTALL)
_ESCAPED = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}


def read_pdf(made: bytes) -> str:
    """Return all text in order, without the breaks of its lines."""
    streams = [
        zlib.decompress(part) if part[:1] == b"x" else part
        for part in _STREAM.findall(made)
    ]
    glyphs = {
        bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for stream in streams
        if b"beginbfchar" in stream
        for code, text in _GLYPH.findall(stream)
    }
    said = []
    for stream in streams:
        for shown in _SHOWN.findall(stream):
            codes = re.sub(
                rb"\\(.)",
                lambda found: _ESCAPED.get(found[1], found[1]),
                shown,
                flags=re.DOTALL,
            )
            pairs = (codes[at : at + 2] for at in range(0, len(codes), 2))
            said += [glyphs.get(pair, "?") for pair in pairs]
    return "".join(said)
