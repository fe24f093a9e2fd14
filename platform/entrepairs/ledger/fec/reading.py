"""Reading a file as a stream of lines: its encoding, its line ends, what can't be a text. Memory does not grow with it."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from entrepairs.ledger.fec.findings import Report, Unreadable

PIECE: Final = 1 << 19
LONGEST_LINE: Final = 1 << 20
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_END: Final = re.compile(rb"\r\n|\r|\n")
_ANY_END: Final = re.compile(r"\r\n|\r|\n")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WINDOWS: Final = re.compile(rb"[\x80-\x9f]")
_NAMES: Final = {"\r\n": "CR LF", "\n": "LF", "\r": "CR"}


class Reader:
    """The lines of one file, in batches. What is wrong with the bytes goes to the report as it is met."""

    def __init__(self, stream: BinaryIO, report: Report) -> None:
        self._stream = stream
        self._report = report
        self._end = ""
        self._utf8 = self._latin = False

    def batches(self) -> Iterator[list[str]]:
        """Lists of lines without their ends. Raises Unreadable; stops at once on UTF-16, with its fault."""
        before = 0
        for data in self._pieces():
            piece = data
            if not before:
                if piece.startswith(_UTF16_MARKS):
                    self._report.encoding = "UTF-16"
                    self._report.findings.add("encoding-utf16")
                    return
                piece = self._without_mark(piece)
                _ensure_text(piece)
            if lines := self._split(piece, before):
                yield lines
                before += len(lines)
        if not before:
            raise Unreadable("empty")
        self._report.encoding = "ISO 8859-15" if self._latin else "UTF-8" if self._utf8 else "ASCII"

    def _pieces(self) -> Iterator[bytes]:
        """The file cut after ends of lines; a CR at the very end waits for the LF that may follow."""
        left = b""
        while read := self._stream.read(PIECE):
            data = left + read
            cut = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) - 1)) + 1
            left = data[cut:]
            if cut:
                yield data[:cut]
            if len(left) > LONGEST_LINE:
                raise Unreadable("long-line", "un million de caractères")
        if left:
            yield left

    def _without_mark(self, piece: bytes) -> bytes:
        if not piece.startswith(_UTF8_MARK):
            return piece
        self._report.bom = self._utf8 = True
        self._report.findings.add("byte-order-mark", 1)
        return piece[len(_UTF8_MARK) :]

    def _split(self, piece: bytes, before: int) -> list[str]:
        text = self._decoded(piece, before)
        if not self._end:
            first = _ANY_END.search(text)
            self._end = first.group() if first else "\n"
            self._report.line_end = _NAMES[self._end] if first else ""
        if self._is_regular(piece):
            lines = text.split(self._end)
        else:
            ends = _ANY_END.findall(text)
            for place, end in enumerate(ends):
                if end != self._end:
                    self._report.findings.add("line-end", before + place + 1, _NAMES[end])
            lines = _ANY_END.split(text)
        if not lines[-1]:
            del lines[-1]  # after the last end there is nothing
        if _CONTROL.search(text):
            self._tell_controls(lines, before)
        return lines

    def _is_regular(self, piece: bytes) -> bool:
        cr, lf = piece.count(b"\r"), piece.count(b"\n")
        if self._end == "\r\n":
            return cr == lf == piece.count(b"\r\n")
        return not cr if self._end == "\n" else not lf

    def _tell_controls(self, lines: list[str], before: int) -> None:
        for place, line in enumerate(lines):
            if found := _CONTROL.search(line):
                self._report.findings.add("control-character", before + place + 1, f"U+{ord(found.group()):04X}")

    def _decoded(self, piece: bytes, before: int) -> str:
        """UTF-8 as long as it is; by line from the first byte that is not."""
        if piece.isascii():
            return piece.decode("ascii")
        if not self._latin:
            try:
                text = piece.decode("utf-8")
            except UnicodeDecodeError:
                pass
            else:
                self._utf8 = True
                return text
        return self._by_line(piece, before)

    def _by_line(self, piece: bytes, before: int) -> str:
        ends, lines = _END.findall(piece), []
        for place, line in enumerate(_END.split(piece)):
            lines.append(line.decode("ascii") if line.isascii() else self._line(line, before + place + 1))
        return "".join(line + end.decode("ascii") for line, end in zip(lines, [*ends, b""], strict=True))

    def _line(self, line: bytes, number: int) -> str:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            self._latin = True
            if self._utf8:
                self._report.findings.add("encoding-mixed", number)
            if _WINDOWS.search(line):
                shown = line.decode("cp1252", "replace")
                strange = next((c for c, byte in zip(shown, line, strict=True) if 0x80 <= byte <= 0x9F), "")
                self._report.findings.add("encoding-windows", number, f"« {strange} »")
                return shown
            return line.decode("iso8859-15")
        if self._latin:
            self._report.findings.add("encoding-mixed", number)
        self._utf8 = True
        return text


def _ensure_text(start: bytes) -> None:
    head = start[:4096].lstrip()
    if head[:5] == b"<?xml":
        raise Unreadable("xml")
    strange = sum(byte < 9 or 14 <= byte < 32 for byte in head)
    if head.startswith((b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\x1f\x8b")) or strange * 20 > len(head) > 0:
        raise Unreadable("binary")
