"""French typography for catalogue entries: people type plain spaces and straight apostrophes, readers see the right ones.

’ for the apostrophe; a narrow no-break space (U+202F) before ; ! ?; a no-break space (U+00A0) before : » % € and after
«, and between a figure and its h, min or km. URLs, addresses, times (14:30), tags, entities and format
placeholders are left as they are. Applying it twice changes nothing.
"""

import re
from typing import Final

NARROW: Final = "\u202f"
NO_BREAK: Final = "\u00a0"

_SPACE: Final = f"[ {NO_BREAK}{NARROW}]"
_BEFORE_SIGN: Final = r"(?<=[^\W_]|[)\]»%€·’'.\"])"

_KEPT: Final = (
    r"(?P<kept>(?:https?://|www\.)[^\s«»<>]+|[\w.+\-]+@[\w.\-]+|</?[a-zA-Z][^<>]*>|&\#?\w+;"
    r"|%\(\w+\)[a-z]|%[sd](?!\w)|\{\w*\}|(?<!\d)\d{1,2}:\d{2}(?!\d))"
)
# In order: what is kept, then what becomes each sign. Only spaces are matched, so that rules never overlap.
_RULES: Final = re.compile(
    "|".join(
        (
            _KEPT,
            r"(?P<apostrophe>(?<=\w)')",
            rf"(?P<opening>(?<=«){_SPACE}*)",
            rf"(?P<wide>{_SPACE}+(?=[:»€‰]|%(?!\(|[sd](?!\w)))|(?<=[^\s«])(?=»)|{_BEFORE_SIGN}(?=:(?:[\s»]|$)))",
            rf"(?P<narrow>{_SPACE}+(?=[;!?])|{_BEFORE_SIGN}(?=[;!?](?:[\s»]|$)))",
            rf"(?P<unit>(?<=\d){_SPACE}(?=(?:h|min|km)(?!\w))|(?<=\d{_SPACE}h){_SPACE}(?=\d\d(?!\d)))",
        )
    )
)
_PUT: Final = {"apostrophe": "’", "opening": NO_BREAK, "wide": NO_BREAK, "narrow": NARROW, "unit": NO_BREAK}


def french_typography(text: str) -> str:
    """The text with its French signs and spaces. Idempotent; never touches placeholders, tags, links or times."""
    return _RULES.sub(lambda match: _PUT.get(match.lastgroup or "", match[0]), text)
