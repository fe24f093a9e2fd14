"""A minimal iCalendar text (RFC 5545): one request with an event by session, in UTC, which a later one replaces."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

MEDIA: Final = "text/calendar; method=REQUEST; charset=utf-8"
_LONGEST_LINE: Final = 75
_PRODUCT: Final = "-//Entrepairs//missions//FR"


@dataclass(frozen=True, slots=True)
class Event:
    """A session in a diary. `uid` never changes; a higher `sequence` replaces a lower one."""

    uid: str
    start: datetime
    end: datetime
    title: str
    place: str = ""
    description: str = ""
    sequence: int = 0


def calendar(events: Iterable[Event], *, stamp: datetime, organizer: str, attendee: str) -> bytes:
    """The text of a REQUEST to `attendee`, already accepted: the peer has said yes. Instants are aware."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "METHOD:REQUEST", "CALSCALE:GREGORIAN"]
    for event in events:
        lines += _event(event, stamp, organizer, attendee)
    lines.append("END:VCALENDAR")
    return "".join(f"{fold(line)}\r\n" for line in lines).encode()


def _event(event: Event, stamp: datetime, organizer: str, attendee: str) -> Sequence[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{instant(stamp)}",
        f"DTSTART:{instant(event.start)}",
        f"DTEND:{instant(event.end)}",
        f"SEQUENCE:{event.sequence}",
        f"SUMMARY:{escape(event.title)}",
        "STATUS:CONFIRMED",
        f"ORGANIZER:mailto:{organizer}",
        f"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{attendee}",
    ]
    if event.place:
        lines.append(f"LOCATION:{escape(event.place)}")
    if event.description:
        lines.append(f"DESCRIPTION:{escape(event.description)}")
    return [*lines, "END:VEVENT"]


def instant(at: datetime) -> str:
    """`20270121T130000Z`."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escape(text: str) -> str:
    """A text value: backslash, semicolon, comma and line ends (RFC 5545 3.3.11)."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def fold(line: str) -> str:
    """Lines of at most 75 octets, continued by a space, never inside a character (RFC 5545 3.1)."""
    pieces, current, length = [], "", 0
    for character in line:
        size = len(character.encode())
        if length + size > _LONGEST_LINE:
            pieces.append(current)
            current, length = " ", 1
        current, length = current + character, length + size
    return "\r\n".join([*pieces, current])
