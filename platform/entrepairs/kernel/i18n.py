"""Marking of user sentences. Rooms mark an English msgid; the web edge translates it."""


def N_(msgid: str) -> str:
    """Mark `msgid` for extraction and return it unchanged (gettext's usual no-op marker)."""
    return msgid
