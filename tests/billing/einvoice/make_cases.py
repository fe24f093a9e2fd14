"""Case files for the check: a right invoice by profile and syntax, then one defect in each, made by us.

`python -m tests.billing.einvoice.make_cases` writes `cases/*.xml` again. `expected.tsv` beside them says, for each file, the
exit code, the rule that must be found, its severity and the term to mend (a star for any).
"""
# ruff: noqa: E501 - a table: one case a line

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from entrepairs.billing.einvoice.facturx import build_ubl, build_xml
from tests.billing.einvoice.sample_invoices import BUSINESS, CREDIT_NOTE, MIXED, PRIVATE, PUBLIC

FOLDER: Final = Path(__file__).with_name("cases")
CII: Final = build_xml(replace(PUBLIC, seller=MIXED.seller, lines=MIXED.lines, notes=(*PUBLIC.notes, BUSINESS)))
UBL: Final = build_ubl(replace(PUBLIC, seller=MIXED.seller, lines=MIXED.lines, notes=(*PUBLIC.notes, BUSINESS)))
CREDIT: Final = build_xml(CREDIT_NOTE)
UBL_CREDIT: Final = build_ubl(CREDIT_NOTE)
EXEMPT: Final = build_xml(PRIVATE)
EXTENDED = b"urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"
CTC = b"urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr"
XRECHNUNG = b"urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PEPPOL = b"urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
EN: Final = b"urn:cen.eu:en16931:2017"
NOTHING: Final = ""

Case = tuple[bytes, str, str, str, str, str]
"""A base, a pattern, its replacement, the rule, its severity, the term."""


def bent(base: bytes, pattern: str, by: str) -> bytes:
    """`base` with the first match replaced; it must match."""
    text, count = re.subn(pattern, by, base.decode(), count=1, flags=re.DOTALL)
    assert count == 1, f"nothing to bend for {pattern}"
    return text.encode()


def without(xml: bytes, *patterns: str) -> bytes:
    """A smaller profile: without what it has no place for."""
    for pattern in patterns:
        xml = re.sub(pattern, "", xml.decode(), flags=re.DOTALL).encode()
    return xml


_BASIC_HAS_NO: Final = (
    r"<ram:Description>Association.*?</ram:Description>",
    r"<ram:DefinedTradeContact>.*?</ram:DefinedTradeContact>",
    r"<ram:Description>pavillon.*?</ram:Description>",
    r"<ram:AccountName>.*?</ram:AccountName>",
    r"<ram:PayeeSpecifiedCreditorFinancialInstitution>.*?</ram:PayeeSpecifiedCreditorFinancialInstitution>",
)
BASIC: Final = without(
    EXEMPT.replace(EN, b"urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"), *_BASIC_HAS_NO
)
BASIC_WL: Final = without(
    EXEMPT.replace(EN, b"urn:factur-x.eu:1p0:basicwl"),
    *_BASIC_HAS_NO,
    r"<ram:IncludedSupplyChainTradeLineItem>.*?</ram:IncludedSupplyChainTradeLineItem>",
)

RIGHT: Final = {
    "cii-en16931": CII,
    "cii-basic": BASIC,
    "cii-basic-wl": BASIC_WL,
    "cii-extended": EXEMPT.replace(EN, EXTENDED),
    "cii-extended-ctc-fr": EXEMPT.replace(EN, CTC),
    "cii-xrechnung": EXEMPT.replace(EN, XRECHNUNG),
    "cii-credit-note": CREDIT,
    "cii-in-latin-1": CII.replace(b"encoding='UTF-8'", b"encoding='ISO-8859-1'")
    .decode()
    .encode("latin-1", "xmlcharrefreplace"),
    "ubl-invoice": UBL,
    "ubl-credit-note": UBL_CREDIT,
    "ubl-peppol": UBL.replace(EN, PEPPOL),
    "ubl-extended-ctc-fr": build_ubl(PRIVATE).replace(EN, CTC),
}

E, W = "error", "warning"
WRONG: Final[dict[str, Case]] = {
    # the schema
    "xsd-element-unknown": (CII, "</ram:CountryID>", "</ram:CountryID><ram:Region>PACA</ram:Region>", "XSD", E, "*"),
    "xsd-element-missing": (CII, r"<ram:TypeCode>380</ram:TypeCode>", NOTHING, "XSD", E, "*"),
    "xsd-ubl-date": (UBL, r"<cbc:IssueDate>2027-03-12<", "<cbc:IssueDate>2027-02-30<", "XSD", E, "BT-2"),
    "xsd-ubl-amount": (UBL, r"(<cbc:PayableAmount[^>]*>)3990.60<", r"\g<1>3 990,60<", "XSD", E, "BT-115"),
    "xsd-ubl-order": (UBL, r"(<cbc:ID>[^<]*</cbc:ID>)\s*(<cbc:IssueDate>[^<]*</cbc:IssueDate>)", r"\2\1", "XSD", E, "*"),
    # EN 16931
    "en-no-number": (CII, r"(<ram:ID>)FA2027-00042(</ram:ID>\s*<ram:TypeCode>)", r"\1\2", "BR-02", E, "BT-1"),
    "en-no-exemption-reason": (CII, r"<ram:ExemptionReason>.*?</ram:ExemptionReason>(.*?)<ram:ExemptionReasonCode>[^<]*</ram:ExemptionReasonCode>", r"\1", "BR-E-10", E, "BT-120"),
    "en-due-amount": (CII, r"<ram:DuePayableAmount>3990.60<", "<ram:DuePayableAmount>3990.59<", "BR-CO-16", E, "BT-115"),
    "en-gross": (CII, r"<ram:GrandTotalAmount>3990.60<", "<ram:GrandTotalAmount>3990.00<", "BR-CO-15", E, "BT-112"),
    "en-vat-number-without-country": (CII, r">FR68900000001<", ">68900000001<", "BR-CO-09", E, "*"),
    "en-unknown-unit": (CII, r'unitCode="C62"', 'unitCode="SEANCE"', "FX-SCH", E, "BT-130"),
    "en-unknown-currency": (UBL, r"<cbc:DocumentCurrencyCode>EUR<", "<cbc:DocumentCurrencyCode>EUX<", "BR-CL-04", E, "BT-5"),
    "en-unknown-vatex": (UBL, r">VATEX-FR-CGI261-7<", ">VATEX-FR-CGI999<", "BR-CL-22", E, "BT-121"),
    "en-ubl-sum": (UBL, r"(<cbc:LineExtensionAmount[^>]*>)3645.50<", r"\g<1>3600.00<", "BR-CO-10", E, "BT-106"),
    "en-negative-price": (CII, r"<ram:ChargeAmount>240.00<", "<ram:ChargeAmount>-240.00<", "BR-27", E, "BT-146"),
    "en-three-decimals": (UBL, r"(<cbc:PayableAmount[^>]*>)3990.60<", r"\g<1>3990.600<", "BR-DEC-18", E, "BT-115"),
    "en-period-upside-down": (CII, r"(BillingSpecifiedPeriod>\s*<ram:StartDateTime>\s*<udt:DateTimeString[^>]*>)20270121", r"\g<1>20270412", "BR-29", E, "*"),
    "en-empty-element": (CII, r"<ram:Description>pavillon[^<]*<", "<ram:Description><", "PEPPOL-EN16931-R008", W, "BT-154"),
    # BR-FR
    "fr-billing-frame-of-chorus": (CII, r"<ram:ID>S1<", "<ram:ID>A1<", "BR-FR-08_BT-23", E, "BT-23"),
    "fr-no-recovery-note": (CII, r"<ram:IncludedNote>\s*<ram:Content>Indemnité.*?</ram:IncludedNote>", NOTHING, "BR-FR-05_BT-22_PMT", E, "BT-22"),
    "fr-ubl-no-recovery-note": (UBL, r"<cbc:Note>#PMT#.*?</cbc:Note>", NOTHING, "BR-FR-05_BT-22-1", E, "BT-22"),
    "fr-late-note-twice": (CII, r"(<ram:IncludedNote>\s*<ram:Content>)(En cas de retard.*?)(</ram:Content>.*?</ram:IncludedNote>)", r"\1\2\3\1Autres pénalités : taux légal.\3", "BR-FR-06_BT-21_PMD", E, "BT-21"),
    "fr-no-buyer-address": (CII, r"(<ram:Name>EPSM.*?)<ram:URIUniversalCommunication>.*?</ram:URIUniversalCommunication>", r"\1", "BR-FR-12_BT-49", E, "BT-49"),
    "fr-due-before-issue": (CII, r">20270501<", ">20270301<", "BR-FR-CO-07_BT-9", E, "BT-9"),
    "fr-number-with-a-space": (CII, r">FA2027-00042<", ">FA2027 00042<", "BR-FR-02_BT-1", E, "BT-1"),
    "fr-rate-of-nowhere": (CII, r"<ram:RateApplicablePercent>20<(.*?)<ram:RateApplicablePercent>20<", r"<ram:RateApplicablePercent>19<\1<ram:RateApplicablePercent>19<", "BR-FR-16_BT-119", E, "BT-119"),
    "fr-paid-but-due": (CII, r"<ram:ID>S1<", "<ram:ID>S2<", "BR-FR-CO-09_BT-23-2", E, "*"),
    "fr-siret-of-another": (CII, r'<ram:GlobalID schemeID="0009">90000000100017<', '<ram:GlobalID schemeID="0009">73282932000074<', "BR-FR-09_BT-29", E, "BT-29"),
    "fr-credit-note-of-nothing": (CREDIT, r"<ram:InvoiceReferencedDocument>.*?</ram:InvoiceReferencedDocument>", NOTHING, "BR-FR-CO-05_BT-3", E, "BT-3"),
    # ours: what all of those let pass
    "own-siren-key": (EXEMPT, r'<ram:GlobalID schemeID="0009">90000000100017</ram:GlobalID>(.*?)<ram:ID schemeID="0002">900000001<(.*?)<ram:URIID schemeID="0225">900000001<', r'\1<ram:ID schemeID="0002">123456789<\2<ram:URIID schemeID="0225">123456789<', "EP-SIREN", E, "BT-30"),
    "own-siret-key": (CII, r">13000548100010<", ">13000548100011<", "EP-SIRET", E, "BT-46"),
    "own-vat-key": (CII, r">FR68900000001<", ">FR69900000001<", "EP-VAT-NUMBER", E, "BT-31"),
    "own-vat-of-another-siren": (CII, r">FR68900000001<", ">FR44732829320<", "EP-VAT-NUMBER", E, "BT-31"),
    "own-taxed-without-vat-number": (CII, r'<ram:ID schemeID="VA">FR68900000001<', '<ram:ID schemeID="FC">900000001<', "EP-VAT-NUMBER", E, "BT-31"),
    "own-address-of-another-siren": (EXEMPT, r'<ram:URIID schemeID="0225">732829320<', '<ram:URIID schemeID="0225">900000001<', "EP-ADDRESS", E, "BT-49"),
    "own-iban-key": (CII, r"FR7630006000011234567890189", "FR7630006000011234567890188", "EP-IBAN", E, "BT-84"),
    "own-ubl-iban-key": (UBL, r"FR7630006000011234567890189", "FR7630006000011234567890188", "EP-IBAN", E, "BT-84"),
    "own-iban-with-spaces": (CII, r"FR7630006000011234567890189", "FR76 3000 6000 0112 3456 7890 189", "EP-IBAN-SPACES", W, "BT-84"),
    "own-bic": (CII, r">AGRIFRPP<", ">AGRI<", "EP-BIC", E, "BT-86"),
    "own-note-dot": (CII, r"<ram:Content>Pas d[^<]*<", "<ram:Content>.<", "EP-NOTE-EMPTY", E, "BT-22"),
    "own-note-na": (CII, r"<ram:Content>Pas d[^<]*<", "<ram:Content>N/A<", "EP-NOTE-EMPTY", E, "BT-22"),
    "own-note-blank": (CII, r"<ram:Content>Pas d[^<]*<", "<ram:Content> <", "EP-NOTE-EMPTY", E, "BT-22"),
    "own-note-to-complete": (UBL, r"#AAB#[^<]*<", "#AAB#À compléter<", "EP-NOTE-EMPTY", E, "BT-22"),
    "own-note-twice": (CII, r"(<ram:Content>Nature de[^<]*</ram:Content>\s*<ram:SubjectCode>AAI</ram:SubjectCode>\s*</ram:IncludedNote>)", r"\1<ram:IncludedNote>\1", "EP-NOTE-TWICE", E, "BT-22"),
    "own-note-of-another-subject": (CII, r"(<ram:Content>)Indemnité[^<]*<", r"\1Règlement à réception.<", "EP-NOTE-CONTENT", W, "BT-22"),
    "own-date-not-in-the-calendar": (CII, r"(IssueDateTime>\s*<udt:DateTimeString[^>]*>)20270312", r"\g<1>20270230", "EP-DATE", E, "BT-2"),
    "own-date-with-a-suffix": (UBL, r"<cbc:IssueDate>2027-03-12<", "<cbc:IssueDate>2027-03-12Z<", "EP-DATE", E, "BT-2"),
    "own-delivery-date-with-a-suffix": (CII, r"(OccurrenceDateTime>\s*<udt:DateTimeString[^>]*>)20270311", r"\g<1>20270311T10", "EP-DATE", E, "BT-72"),
    "own-line-date-not-in-the-calendar": (CII, r"(</ram:ApplicableTradeTax>)(\s*<ram:SpecifiedTradeSettlementLine)", r'\1<ram:BillingSpecifiedPeriod><ram:StartDateTime><udt:DateTimeString format="102">20270231</udt:DateTimeString></ram:StartDateTime></ram:BillingSpecifiedPeriod>\2', "EP-DATE", E, "BT-134"),
    "own-line-outside-the-period": (CII, r"(</ram:ApplicableTradeTax>)(\s*<ram:SpecifiedTradeSettlementLine)", r'\1<ram:BillingSpecifiedPeriod><ram:StartDateTime><udt:DateTimeString format="102">20260105</udt:DateTimeString></ram:StartDateTime></ram:BillingSpecifiedPeriod>\2', "EP-DATE-ORDER", W, "BT-134"),
    "own-corrected-after": (CREDIT, r"(<qdt:DateTimeString[^>]*>)20270312", r"\g<1>20280312", "EP-DATE-ORDER", E, "BT-26"),
    "own-mixed-with-o": (EXEMPT, r"<ram:CategoryCode>E<(.*?<ram:CategoryCode>)E<", r"<ram:CategoryCode>O<\1E<", "EP-MIXED-O", E, "BT-118"),
    "own-vatex-of-another-category": (EXEMPT, r">VATEX-FR-CGI261-7<", ">VATEX-EU-O<", "EP-VATEX", E, "BT-121"),
    "own-text-of-another-article": (EXEMPT, r"art\. 261-7-1° du CGI", "art. 293 B du CGI", "EP-VATEX", E, "BT-120"),
    "own-exemption-text-hollow": (EXEMPT, r"<ram:ExemptionReason>[^<]*<", "<ram:ExemptionReason>N/A<", "EP-EMPTY", E, "BT-120"),
    "own-exemption-code-alone": (EXEMPT, r"<ram:ExemptionReason>[^<]*</ram:ExemptionReason>", NOTHING, "EP-VATEX-TEXT", W, "BT-120"),
    "own-no-due-date": (UBL, r"<cbc:DueDate>[^<]*</cbc:DueDate>", NOTHING, "EP-DUE", E, "BT-9"),
    "own-ubl-empty-element": (UBL, r"<cbc:Description>[^<]*<", "<cbc:Description><", "EP-EMPTY-ELEMENT", W, "BT-154"),
    "own-payment-means-blank": (EXEMPT, r"<ram:TypeCode>30<", "<ram:TypeCode><", "EP-EMPTY", E, "BT-81"),
    "own-line-not-its-product": (CII, r"<ram:BilledQuantity([^>]*)>8<", r"<ram:BilledQuantity\1>9<", "EP-LINE-AMOUNT", E, "BT-131"),
    "own-ubl-line-not-its-product": (UBL, r"<cbc:InvoicedQuantity([^>]*)>8<", r"<cbc:InvoicedQuantity\1>9<", "EP-LINE-AMOUNT", E, "BT-131"),
    "own-vat-off-by-fifty-cents": (CII, r"345\.10<(.*)345\.10<(.*)3990\.60<(.*)3990\.60<", r"345.60<\g<1>345.60<\g<2>3991.10<\g<3>3991.10<", "EP-VAT-AMOUNT", E, "BT-117"),
    "own-reference-na": (CII, r">4500123456<", ">N/A<", "EP-REFERENCE", E, "BT-13"),
    "own-reference-with-a-suffix": (CII, r">4500123456<", ">4500123456 du 03/01<", "EP-REFERENCE", E, "BT-13"),
    "own-reference-labelled": (CII, r">4500123456<", ">N° : 4500123456<", "EP-REFERENCE", E, "BT-13"),
    "own-service-generic": (CII, r">FACT-PSY<", ">FACTURES_PUBLIQUES<", "EP-REFERENCE", E, "BT-10"),
    "own-service-dot": (UBL, r">FACT-PSY<", ">.<", "EP-REFERENCE", E, "BT-10"),
    "own-contract-hollow": (CII, r">CV2027-00003<", ">néant<", "EP-REFERENCE", E, "BT-12"),
    "own-reference-chorus-will-not-know": (CII, r">4500123456<", ">BC 2027-12<", "EP-REFERENCE-CHORUS", W, "BT-13"),
    "own-credit-note-without-a-date": (CREDIT, r"<ram:FormattedIssueDateTime>.*?</ram:FormattedIssueDateTime>", NOTHING, "EP-PRECEDING", E, "BT-26"),
    "own-credit-note-of-itself": (CREDIT, r">FA2027-00042<", ">AV2027-00003<", "EP-PRECEDING", E, "BT-25"),
    "own-ubl-credit-note-of-nothing": (UBL_CREDIT, r"<cac:BillingReference>.*?</cac:BillingReference>", NOTHING, "EP-PRECEDING", E, "BG-3"),
    "own-credit-note-with-an-account": (EXEMPT, r"<ram:TypeCode>380<(.*?)(<ram:SpecifiedTradeSettlementHeaderMonetarySummation>.*?</ram:SpecifiedTradeSettlementHeaderMonetarySummation>)", r'<ram:TypeCode>381<\1\2<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>FA2027-00001</ram:IssuerAssignedID><ram:FormattedIssueDateTime><qdt:DateTimeString format="102">20270105</qdt:DateTimeString></ram:FormattedIssueDateTime></ram:InvoiceReferencedDocument>', "EP-CREDIT-ACCOUNT", W, "BT-84"),
    "own-number-over-20": (EXEMPT, r">FA2027-00042<(.*?)>FA2027-00042<", r">FA2027-00000000000000042<\1>FA2027-00000000000000042<", "EP-NUMBER-LENGTH", W, "BT-1"),
    "own-name-hollow": (EXEMPT, r"<ram:Name>Clinique Les Tamaris<", "<ram:Name>-<", "EP-EMPTY", E, "BT-44"),
    "own-line-name-hollow": (EXEMPT, r"<ram:Name>Groupe WRAP<", "<ram:Name>...<", "EP-EMPTY", E, "BT-153"),
    "own-no-street": (EXEMPT, r"<ram:LineOne>12 rue des Amandiers</ram:LineOne>", NOTHING, "EP-POSTAL", E, "BG-5"),
    "own-postcode": (EXEMPT, r">13100<", ">1310<", "EP-POSTAL", E, "BT-53"),
    "own-invisible-character": (EXEMPT, r"Groupe WRAP", "Groupe\u202eWRAP", "EP-CHARACTER", E, "BT-153"),
    "own-broken-accents": (EXEMPT, r"Groupe WRAP", "SÃ©ance WRAP", "EP-ENCODING", E, "BT-153"),
    "own-line-number-twice": (CII, r"<ram:LineID>2<", "<ram:LineID>1<", "EP-LINE-ID", E, "BT-126"),
    "own-no-buyer-siren": (EXEMPT, r'<ram:GlobalID schemeID="0009">73282932000074</ram:GlobalID>(.*?<ram:Name>Clinique.*?)<ram:SpecifiedLegalOrganization>.*?</ram:SpecifiedLegalOrganization>', r"\1", "EP-BUYER-SIREN", W, "BT-47"),
    "own-same-party": (EXEMPT, r"73282932000074(.*?)732829320(.*?)732829320", r"90000000100017\g<1>900000001\g<2>900000001", "EP-SAME-PARTY", W, "BT-47"),
    "own-currency-of-an-amount": (UBL, r'<cbc:PriceAmount currencyID="EUR">', '<cbc:PriceAmount currencyID="CHF">', "EP-CURRENCY", E, "BT-146"),
    "own-attachment-program": (UBL, r"(<cac:AccountingSupplierParty>)", r'<cac:AdditionalDocumentReference><cbc:ID>A1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="facture.exe">JVBERi0xLjc=</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>\1', "EP-ATTACHMENT", E, "BT-125"),
    "own-attachment-not-its-kind": (UBL, r"(<cac:AccountingSupplierParty>)", r'<cac:AdditionalDocumentReference><cbc:ID>A1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="annexe.pdf">Ym9uam91cg==</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>\1', "EP-ATTACHMENT", E, "BT-125"),
    "own-profile-without-lines": (BASIC_WL, r"^", NOTHING, "EP-PROFILE", W, "BT-24"),
    "own-negative-invoice": (EXEMPT, r"(<ram:BilledQuantity[^>]*>)8<(.*?)<ram:LineTotalAmount>1920(.*?)<ram:BasisAmount>1920(.*?)<ram:LineTotalAmount>1920(.*?)<ram:TaxBasisTotalAmount>1920(.*?)<ram:GrandTotalAmount>1920(.*?)<ram:DuePayableAmount>1920", r"\1-8<\2<ram:LineTotalAmount>-1920\3<ram:BasisAmount>-1920\4<ram:LineTotalAmount>-1920\5<ram:TaxBasisTotalAmount>-1920\6<ram:GrandTotalAmount>-1920\7<ram:DuePayableAmount>-1920", "EP-NEGATIVE", W, "BT-112"),
}  # fmt: skip

UNREADABLE: Final = {
    "not-well-formed": CII[:-40],
    "empty": b"",
    "text": b"Facture FA2027-00042, 1 920 euros\n",
    "bomb": b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Invoice>&c;</Invoice>',
    "external-entity": CII.replace(
        b"<rsm:CrossIndustryInvoice",
        b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<rsm:CrossIndustryInvoice',
        1,
    ).replace(b"Groupe WRAP", b"&x;"),
    "harmless-doctype": CII.replace(b"<rsm:CrossIndustryInvoice", b"<!DOCTYPE x>\n<rsm:CrossIndustryInvoice", 1),
    "another-xml": b'<?xml version="1.0"?><catalogue><livre/></catalogue>',
    "zugferd-1": b'<?xml version="1.0"?><rsm:CrossIndustryDocument xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"/>',
    "order-ubl": UBL.replace(b"<Invoice ", b"<Order ", 1)
    .replace(b"</Invoice>", b"</Order>")
    .replace(b"xsd:Invoice-2", b"xsd:Order-2"),
}


def files() -> dict[str, tuple[bytes, tuple[str, str, str, str]]]:
    """Every case: its bytes, then exit code, rule, severity and term."""
    made = {f"right-{name}": (xml, ("0", "-", "-", "-")) for name, xml in RIGHT.items()}
    for name, (base, pattern, by, rule, severity, term) in WRONG.items():
        made[f"wrong-{name}"] = (bent(base, pattern, by), ("1" if severity == E else "0", rule, severity, term))
    made |= {f"unreadable-{name}": (xml, ("2", "-", "-", "-")) for name, xml in UNREADABLE.items()}
    return made


def main() -> None:
    """Write them all."""
    rows = ["# file\texit\trule\tseverity\tterm"]
    for name, (xml, expected) in files().items():
        (FOLDER / f"{name}.xml").write_bytes(xml)
        rows.append("\t".join((f"{name}.xml", *expected)))
    (FOLDER / "expected.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
