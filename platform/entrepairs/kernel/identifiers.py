"""Official numbers as people type them: read with spaces, kept compact, refused with a sentence that helps.

Every `parse_*` takes what was typed or pasted (spaces of any kind, dots and hyphens are forgiven), returns the compact
form that is stored, and raises `InvalidInput` when the number can't be right. `field` is passed through so that
the page can point at the form field.
"""

import re
from typing import Final

from stdnum import exceptions as stdnum_errors
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret
from stdnum.fr import tva as stdnum_vat

from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_

_SEPARATORS: Final = re.compile(r"[\s.\-‐‑–_]+")
_COMMUNE: Final = re.compile(r"(?:0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5])[0-9]{3}|97[1-8][0-9]{2}|98[46-8][0-9]{2}")
_POSTCODE: Final = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-5]|97|98)[0-9]{3}")
_NATIONAL_PHONE: Final = re.compile(r"0[1-9][0-9]{8}")
_FOREIGN_PHONE: Final = re.compile(r"\+[1-9][0-9]{7,14}")
_SHORT_PHONE: Final = re.compile(r"1[578]|11[2-9]|19[16]|116[0-9]{3}|3[0-9]{3}|10[0-9]{2}")
_RNA: Final = re.compile(r"W[0-9][0-9A-Z][0-9]{7}")
_VAT_LENGTH: Final = 11
_BUYER_REFERENCE: Final = re.compile(r"[^\s.]{1,100}")
HOLLOW: Final = frozenset({"", ".", "-", "na", "n/a", "néant", "neant", "x", "none", "null"})
"""What people type in a field they have nothing for; said in small letters."""


def compact(text: str) -> str:
    """The text without spaces (also non-breaking), dots, hyphens and underscores, in capitals."""
    return _SEPARATORS.sub("", text).upper()


def parse_siren(text: str, *, field: str | None = None) -> str:
    """Nine digits with a right Luhn key. Raises InvalidInput("siren_length" or "siren_key")."""
    digits = compact(text)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise InvalidInput(
            "siren_length",
            N_("A SIREN number has 9 digits; %(count)s were typed."),
            field=field,
            count=len(digits),
        )
    if digits == "0" * 9 or not stdnum_siren.is_valid(digits):
        raise InvalidInput(
            "siren_key",
            N_("This SIREN number does not exist: one digit is probably mistyped. It is on any of your invoices."),
            field=field,
        )
    return digits


def parse_siret(text: str, *, field: str | None = None) -> str:
    """Fourteen digits with a right key, La Poste's own rule included.

    Establishments of La Poste (356 000 000) follow a sum that is a multiple of five, not Luhn.
    Raises InvalidInput("siret_length" or "siret_key").
    """
    digits = compact(text)
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise InvalidInput(
            "siret_length",
            N_("A SIRET number has 14 digits; %(count)s were typed."),
            field=field,
            count=len(digits),
        )
    if digits.startswith("0" * 9) or not stdnum_siret.is_valid(digits):
        raise InvalidInput(
            "siret_key",
            N_("This SIRET number does not exist: one digit is probably mistyped. It is the SIREN, then 5 digits."),
            field=field,
        )
    return digits


def siren_of(siret: str) -> str:
    """The SIREN (first nine digits) of a SIRET already read by `parse_siret`."""
    return siret[:9]


def format_siren(siren: str) -> str:
    """`732 829 320`."""
    return f"{siren[:3]} {siren[3:6]} {siren[6:]}"


def format_siret(siret: str) -> str:
    """`732 829 320 00074`."""
    return f"{format_siren(siret[:9])} {siret[9:]}"


def parse_vat_number(text: str, *, siren: str | None = None, field: str | None = None) -> str:
    """A French VAT number, `FR` and 11 characters, the last nine being the SIREN.

    With `siren` the two must agree. Raises InvalidInput("vat_number" or "vat_number_mismatch").
    """
    number = compact(text)
    if len(number) == _VAT_LENGTH and number[2:].isdigit():
        number = f"FR{number}"
    try:
        valid = number.startswith("FR") and stdnum_vat.validate(number) == number[2:]
    except stdnum_errors.ValidationError:
        valid = False
    if not valid:
        raise InvalidInput(
            "vat_number",
            N_("This VAT number is not right: it is FR, a key of two characters, then the 9 digits of the SIREN."),
            field=field,
        )
    if siren is not None and number[4:] != siren:
        raise InvalidInput(
            "vat_number_mismatch",
            N_("This VAT number belongs to another SIREN number. Please check both."),
            field=field,
        )
    return number


def vat_number_of(siren: str) -> str:
    """The VAT number that the tax office derives from a SIREN (numeric key), whether registered or not."""
    return f"FR{compact(stdnum_siren.to_tva(siren))}"


def parse_iban(text: str, *, field: str | None = None) -> str:
    """An IBAN with right length, key and national check digits. Raises InvalidInput("iban").

    The bank's own registry takes a moment to load, hence the late import.
    """
    from schwifty import IBAN
    from schwifty.exceptions import SchwiftyException

    try:
        return str(IBAN(compact(text), validate_bban=True))
    except (SchwiftyException, ValueError) as problem:
        raise InvalidInput(
            "iban",
            N_("This IBAN is not right: one character is probably mistyped. Copy it from the bank slip (RIB)."),
            field=field,
        ) from problem


def format_iban(iban: str) -> str:
    """By groups of four, as banks print it."""
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))


def mask_iban(iban: str) -> str:
    """`FR14 … 606`: enough to recognise one's own account, not enough to use it."""
    return f"{iban[:4]} … {iban[-3:]}"


def is_buyer_reference(text: str) -> bool:
    """Whether a platform reads it as a public buyer's reference (commitment number, service code): no space, no dot."""
    return _BUYER_REFERENCE.fullmatch(text) is not None and text.lower() not in HOLLOW


def parse_rna(text: str, *, field: str | None = None) -> str:
    """An association's number in the national register: W and 9 characters (`W133012345`, `W2A1000123`).

    Raises InvalidInput("rna").
    """
    number = compact(text)
    if not _RNA.fullmatch(number):
        raise InvalidInput(
            "rna",
            N_("An association's RNA number is W and 9 digits. It is on the receipt of the prefecture."),
            field=field,
        )
    return number


def parse_phone(text: str, *, field: str | None = None, allow_short: bool = False) -> str:
    """A telephone number in international form: `+33491234567`.

    French numbers may be typed 04…, +33 4…, 0033 4…, +33 (0)4…; foreign ones need their +. With `allow_short`,
    emergency and help-line numbers (15, 112, 3114) are kept as they are. Raises InvalidInput("phone").
    """
    number = re.sub(r"[()/]", "", compact(text.replace("(0)", "")))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if number.startswith("+330"):
        number = f"+33{number[4:]}"
    if number.startswith("+33"):
        number = f"0{number[3:]}"
    if _NATIONAL_PHONE.fullmatch(number):
        return f"+33{number[1:]}"
    if _FOREIGN_PHONE.fullmatch(number) or (allow_short and _SHORT_PHONE.fullmatch(number)):
        return number
    raise InvalidInput(
        "phone",
        N_("A telephone number has 10 digits and starts with 0; from abroad, start it with + and the country code."),
        field=field,
    )


def format_phone(phone: str) -> str:
    """`04 91 23 45 67` for a French number, unchanged for others."""
    if re.fullmatch(r"\+33[1-9][0-9]{8}", phone):
        national = f"0{phone[3:]}"
        return " ".join(national[at : at + 2] for at in range(0, 10, 2))
    return phone


def parse_commune_code(text: str, *, field: str | None = None) -> str:
    """An INSEE commune code, five characters, Corsica and overseas included. Raises InvalidInput("commune_code")."""
    code = compact(text)
    if not _COMMUNE.fullmatch(code):
        raise InvalidInput(
            "commune_code",
            N_("This is not an INSEE commune code: five characters such as 13055. It is not the postcode."),
            field=field,
        )
    return code


def departement_of(commune_code: str) -> str:
    """The département of an INSEE commune code: `13`, `2A`, `974`."""
    return commune_code[:3] if commune_code.startswith(("97", "98")) else commune_code[:2]


def parse_postcode(text: str, *, field: str | None = None) -> str:
    """A French postcode, five digits. Raises InvalidInput("postcode")."""
    code = compact(text)
    if not _POSTCODE.fullmatch(code):
        raise InvalidInput("postcode", N_("A postcode has 5 digits, such as 13001."), field=field)
    return code
