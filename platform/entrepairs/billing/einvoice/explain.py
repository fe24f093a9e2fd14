"""From the identifier of an official rule to a sentence that names the field to mend.

The rules' own messages speak of BT numbers; the office reads these instead, with the identifier beside them for the
accountant. A rule we have no sentence for keeps its family's, and its own message is still in the report.
"""

from typing import Final

from entrepairs.kernel.i18n import N_

_BY_RULE: Final = {
    "BR-02": N_("The invoice has no number."),
    "BR-06": N_("The name of the association is missing."),
    "BR-07": N_("The name of the buyer is missing."),
    "BR-08": N_("The postal address of the association is missing."),
    "BR-10": N_("The postal address of the buyer is missing."),
    "BR-16": N_("The invoice has no line."),
    "BR-29": N_("The period of service ends before it starts."),
    "BR-55": N_("The credit note does not name the invoice it corrects."),
    "BR-CO-09": N_("The VAT number must start with the country code (FR)."),
    "BR-CO-10": N_("The total of the lines is not their sum."),
    "BR-CO-13": N_("The total excluding VAT is not the sum of the lines."),
    "BR-CO-14": N_("The total VAT is not the sum of the VAT by rate."),
    "BR-CO-15": N_("The total including VAT is not the total excluding VAT plus the VAT."),
    "BR-CO-16": N_("The amount to pay is not the total less what is already paid."),
    "BR-CO-17": N_("A VAT amount is not its base times its rate."),
    "BR-CO-18": N_("The VAT breakdown is missing."),
    "BR-CO-25": N_("The due date or the terms of payment are missing."),
    "BR-CO-26": N_("The association can't be identified: its SIREN or VAT number is missing."),
    "BR-E-02": N_("An exempt invoice needs the VAT number of the association or its tax number."),
    "BR-E-08": N_("The base of the exemption is not the sum of the exempt lines."),
    "BR-E-09": N_("An exempt base can't carry VAT."),
    "BR-E-10": N_("The reason of the VAT exemption is missing: the article of law and its code."),
    "BR-S-02": N_("A taxed service needs the VAT number of the association."),
    "BR-S-08": N_("The taxed base is not the sum of the taxed lines."),
    "BR-S-09": N_("The VAT is not the taxed base times the rate."),
    "BR-O-02": N_("An invoice outside VAT must not carry any VAT number."),
    "BR-FR-11_BT-47": N_("The SIREN number of the buyer is missing or has not 9 digits."),
    "BR-FR-12_BT-49": N_("The electronic invoicing address of the buyer is missing."),
    "BR-FR-13_BT-34": N_("The electronic invoicing address of the association is missing."),
    "BR-FR-05_BT-22_PMT": N_("The mention on recovery costs (PMT) is missing."),
    "BR-FR-05_BT-22_PMD": N_("The mention on late payment (PMD) is missing."),
    "BR-FR-05_BT-22_AAB": N_("The mention on early payment (AAB) is missing."),
}

_BY_FAMILY: Final = (
    ("BR-FR-01", N_("The invoice number is too long, or that of the invoice it corrects.")),
    ("BR-FR-02", N_("The invoice number has characters that are not allowed, or that of the invoice it corrects.")),
    ("BR-FR-03", N_("A date is not between 2000 and 2099.")),
    ("BR-FR-04", N_("The type of document is not one of those allowed.")),
    ("BR-FR-05", N_("A compulsory legal mention is missing: late payment, recovery costs or early payment.")),
    ("BR-FR-06", N_("A legal mention appears twice.")),
    ("BR-FR-08", N_("The kind of billing (services, goods) is missing or unknown.")),
    ("BR-FR-09", N_("A SIRET number has not 14 digits or does not start with its SIREN.")),
    ("BR-FR-10", N_("The SIREN number of the association is missing or has not 9 digits.")),
    ("BR-FR-15", N_("A VAT category is not used in France.")),
    ("BR-FR-16", N_("A VAT rate is not one of the French rates.")),
    ("BR-FR-17", N_("The kind of an attached document is unknown.")),
    ("BR-FR-20", N_("The mention of scope (BAR) has an unknown value.")),
    ("BR-FR-21", N_("The electronic invoicing address of the buyer must start with its SIREN number.")),
    ("BR-FR-22", N_("The electronic invoicing address of the association must start with its SIREN number.")),
    ("BR-FR-23", N_("An electronic invoicing address has characters that are not allowed.")),
    ("BR-FR-24", N_("An identifier has characters that are not allowed.")),
    ("BR-FR-25", N_("An electronic invoicing address is too long.")),
    ("BR-FR-DEC", N_("An amount, a quantity, a price or a rate has too many decimals.")),
    ("BR-FR-CO-04", N_("A corrective invoice names exactly one invoice and its date.")),
    ("BR-FR-CO-05", N_("A credit note names the invoice it corrects and its date.")),
    ("BR-FR-CO-07", N_("The due date is before the date of issue.")),
    ("BR-FR-CO-09", N_("An invoice said to be paid must have nothing left to pay.")),
    ("BR-DEC", N_("An amount has more than two decimals.")),
    ("BR-CL", N_("A code does not belong to its official list.")),
    ("BR-O", N_("A service outside VAT is mixed with others, or carries a rate or a VAT number.")),
    ("BR-E", N_("The VAT exemption is not stated as it must be.")),
    ("BR-S", N_("The taxed lines and their VAT don't agree.")),
    ("BR-CO", N_("Two amounts of the invoice don't agree.")),
    ("BR-FR", N_("A French rule of electronic invoicing is not met.")),
)
"""Longest prefixes first."""

_UNKNOWN: Final = N_("A rule of electronic invoicing is not met: the message of the rule says which.")


def explain(rule: str) -> str:
    """The msgid for an official rule; never empty."""
    if rule in _BY_RULE:
        return _BY_RULE[rule]
    return next((sentence for prefix, sentence in _BY_FAMILY if rule.startswith(prefix)), _UNKNOWN)


def sentences() -> frozenset[str]:
    """Every msgid this module can give (for the completeness of the French catalogue)."""
    return frozenset({*_BY_RULE.values(), *(sentence for _, sentence in _BY_FAMILY), _UNKNOWN})
