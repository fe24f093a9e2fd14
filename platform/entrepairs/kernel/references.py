"""Public references, fit to be read aloud: `DEM-7K3M-9QX2`. Never sequential, never meaningful."""

import re
import secrets

# No 0/O, 1/I/L, 5/S, U/V: they are confused on the telephone.
ALPHABET = "2346789ABCDEFGHJKMNPQRTWXYZ"
_FORM = re.compile(rf"^[A-Z]{{2,4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}$")


def new_reference(prefix: str) -> str:
    """A fresh random reference (27^8, about 38 bits; a unique constraint stands behind)."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{prefix}-{body[:4]}-{body[4:]}"


def is_reference(text: str) -> bool:
    """Whether `text` has the form of a public reference."""
    return _FORM.match(text) is not None
