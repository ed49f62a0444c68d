"""Bytes become lines, whoever encoded them and how often."""

import pytest

from runbooks.domain.text import read_text, repair_line


def test_marks_and_line_ends_go_and_lines_keep_their_numbers():
    source = read_text(b"\xef\xbb\xbfone\r\n\r\ntwo\rthree\n")
    assert source.lines == ("one", "", "two", "three")
    assert source.text == "one\n\ntwo\nthree"
    assert source.encoding == "utf-8"


def test_text_encoded_twice_is_repaired_and_named():
    twice = "low → high".encode().decode("cp1252").encode()
    source = read_text(b"plain\n" + twice + b"\n")
    assert source.lines == ("plain", "low → high")
    assert source.repaired == (2,)


def test_text_encoded_three_times_is_repaired_too():
    line = "5 ≤ 6"
    for _ in range(2):
        line = line.encode().decode("cp1252")
    assert repair_line(line) == "5 ≤ 6"
    assert repair_line(line.encode().decode("cp1252")) == "5 ≤ 6"


@pytest.mark.parametrize("line", ["naïve café", "Ä“", "à la carte", "plain", "ð", "íÿ"])
def test_sound_text_stays(line):
    assert repair_line(line) == line


def test_bytes_that_only_look_like_text_encoded_twice_stay():
    # In UTF-8 these three would be half of a pair that no text may hold.
    assert repair_line("\xed\xa0\x80") == "\xed\xa0\x80"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_wide_text_is_recognised(encoding):
    assert read_text("# Daily\n- [ ] a\n".encode(encoding)).lines[0] == "# Daily"


def test_one_stray_byte_spoils_only_its_line():
    source = read_text("→ sound\n".encode() + b"caf\xe9 \x81\n")
    assert source.lines == ("→ sound", "café \x81")
    assert source.encoding == "cp1252"


def test_nothing_has_no_lines():
    assert read_text(b"").lines == ()
