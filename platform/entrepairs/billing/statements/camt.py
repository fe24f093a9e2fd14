"""CAMT.053 (ISO 20022), versions 02 to 13 in one reader: names are the same where we look, places differ a little.

Only what is booked counts. A batch (one entry, several transactions) becomes one line by transaction when they add up
to the entry, with the charges in between as a line of their own; otherwise the entry is one line, as the balance has it.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from lxml import etree

from entrepairs.billing.statements import values
from entrepairs.billing.statements.values import ReadLine, ReadStatement, StatementFormat, UnreadableStatement
from entrepairs.kernel.foreign_xml import BrokenError, DeclaredError, Element, TooMuchError, root_of
from entrepairs.kernel.i18n import N_

NAMESPACE: Final = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.05([0-9])\.001\.([0-9]{2})")
MAX_DEPTH: Final = 60
MAX_ELEMENTS: Final = 1_500_000
_AMOUNT: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,5})?")
_NOT_TOLD: Final = frozenset({"NOTPROVIDED", "NOTPROVIDE", "NONREF", "NONE"})


def read_camt(content: bytes) -> tuple[ReadStatement, ...]:
    """Every statement of the file. Raises UnreadableStatement."""
    root = _parsed(content)
    found = NAMESPACE.fullmatch(etree.QName(root).namespace or "")
    if found is None or found[1] != "3":
        kind = etree.QName(root).localname if found is None else f"camt.05{found[1]}"
        raise UnreadableStatement(
            "not_a_statement",
            N_("This file is no bank statement (CAMT.053): it is “%(kind)s”. Ask the bank for end-of-day statements."),
            field="file",
            kind=kind[:40],
        )
    read = tuple(values.sealed(_statement(one)) for one in _all(root, "BkToCstmrStmt", "Stmt"))
    if not read:
        raise UnreadableStatement("no_statement", N_("This file holds no statement."), field="file")
    return values.fingerprinted(read)


def _statement(node: Element) -> ReadStatement:
    account = _text(node, "Acct", "Id", "IBAN") or _text(node, "Acct", "Id", "Othr", "Id")
    currency = _text(node, "Acct", "Ccy")
    if currency not in {"", "EUR"}:
        raise values.foreign_money(currency)
    lines = tuple(line for entry in _all(node, "Ntry") if _booked(entry) for line in _lines(entry))
    opening, closing = _balance(node, ("OPBD", "PRCD"), first=True), _balance(node, ("CLBD",), first=False)
    days = [line.booked_on for line in lines] + [day for _, day in filter(None, (opening, closing))]
    if not account or not days:
        raise UnreadableStatement(
            "statement_bare", N_("A statement of this file has no account, or no date: it is cut."), field="file"
        )
    return ReadStatement(
        StatementFormat.CAMT053,
        account.replace(" ", "").upper(),
        values.joined([_text(node, "LglSeqNb") or _text(node, "ElctrncSeqNb") or _text(node, "Id")])[:40],
        opening[0] if opening else None,
        closing[0] if closing else None,
        min(days),
        max(days),
        lines,
    )


def _balance(node: Element, codes: tuple[str, ...], *, first: bool) -> tuple[int, date] | None:
    """A balance by its code, an interim one of a statement in several pages otherwise."""
    told = [(_text(one, "Tp", "CdOrPrtry", "Cd"), one) for one in _all(node, "Bal")]
    chosen = [one for code in codes for name, one in told if name == code] or [
        one for name, one in told if name == "ITBD"
    ]
    if not chosen:
        return None
    one = chosen[0] if first or chosen[0] is chosen[-1] else chosen[-1]
    return _signed(one), _day(one, "Dt")


def _booked(entry: Element) -> bool:
    return (_text(entry, "Sts", "Cd") or _text(entry, "Sts") or "BOOK") == "BOOK"


def _lines(entry: Element) -> Iterator[ReadLine]:
    total = _signed(entry)
    details = list(_all(entry, "NtryDtls", "TxDtls"))
    amounts = [_detail_cents(one, total) for one in details]
    told = [amount for amount in amounts if amount is not None]
    if len(details) < 2 and not (told and told[0] != total):
        yield _line(entry, details[0] if details else None, total)
        return
    charges = sum(_charges(one) for one in (entry, *details))
    whole = len(told) == len(details)
    if whole and sum(told) in {total, total + charges}:
        for one, amount in zip(details, told, strict=True):
            yield _line(entry, one, amount)
        if sum(told) != total:
            yield _line(entry, None, -charges, charge=True)
        return
    yield _line(entry, details[0] if len(details) == 1 else None, total, beside=details)


def _line(
    entry: Element, detail: Element | None, cents: int, *, charge: bool = False, beside: list[Element] | None = None
) -> ReadLine:
    booked = _day(entry, "BookgDt")
    about = entry if detail is None else detail
    reversal = _text(entry, "RvslInd") in {"true", "1"}
    # A reversal names the parties of the movement it takes back.
    payer, holder = ("Dbtr", "DbtrAcct") if (cents > 0) != reversal else ("Cdtr", "CdtrAcct")
    party = _child(about, "RltdPties")
    told = [_text(about, "AddtlTxInf"), *_free_texts(about), _text(entry, "AddtlNtryInf")]
    for other in beside or ():
        told += _free_texts(other)
    return ReadLine(
        booked,
        _day(entry, "ValDt") if _child(entry, "ValDt") is not None else None,
        values.in_bounds(cents, str(cents)),
        values.joined(told),
        values.joined(
            [*_structured(about), _known(about, "AcctSvcrRef"), _known(entry, "AcctSvcrRef"), _known(entry, "NtryRef")]
        )[:140],
        values.joined([_text(party, payer, "Pty", "Nm") or _text(party, payer, "Nm"), _ultimate(party, payer)])[:140],
        _text(party, holder, "Id", "IBAN").replace(" ", "").upper()[:34],
        _known(about, "EndToEndId")[:70],
        reversal,
        charge,
    )


def _ultimate(party: Element | None, payer: str) -> str:
    name = f"Ultmt{payer}"
    return _text(party, name, "Pty", "Nm") or _text(party, name, "Nm")


def _free_texts(node: Element) -> list[str]:
    return [_said(one) for one in _all(node, "RmtInf", "Ustrd")] + [_text(node, "RtrInf", "Rsn", "Cd")]


def _structured(node: Element) -> list[str]:
    return [_text(one, "CdtrRefInf", "Ref") for one in _all(node, "RmtInf", "Strd")] + [
        _text(one, "RfrdDocInf", "Nb") for one in _all(node, "RmtInf", "Strd")
    ]


def _known(node: Element, name: str) -> str:
    """A reference, unless it only says that there is none."""
    told = _text(node, "Refs", name) or _text(node, name)
    return "" if values.plain(told) in _NOT_TOLD else values.joined([told])


def _detail_cents(detail: Element, total: int) -> int | None:
    """Signed cents of a transaction, by its own amount, else what was instructed; None when it tells none in euros."""
    amount = _child(detail, "Amt")
    if amount is None:
        amount = _child(detail, "AmtDtls", "TxAmt", "Amt")
    if amount is None or amount.get("Ccy") != "EUR":
        return None
    sign = _text(detail, "CdtDbtInd")
    positive = sign == "CRDT" if sign in {"CRDT", "DBIT"} else total > 0
    return _cents(_said(amount)) * (1 if positive else -1)


def _charges(node: Element) -> int:
    """Cents that the bank kept, by record (version 04 on) or at once (02)."""
    cents = 0
    for box in _all(node, "Chrgs"):
        for one in list(_all(box, "Rcrd")) or [box]:
            amount = _child(one, "Amt")
            if amount is not None and amount.get("Ccy") == "EUR":
                cents += _cents(_said(amount)) * (-1 if _text(one, "CdtDbtInd") == "CRDT" else 1)
    return cents


def _signed(node: Element) -> int:
    amount, sign = _child(node, "Amt"), _text(node, "CdtDbtInd")
    if amount is None or sign not in {"CRDT", "DBIT"}:
        raise UnreadableStatement(
            "entry_bare", N_("A movement of this file has no amount, or no direction."), field="file"
        )
    if amount.get("Ccy") != "EUR":
        raise values.foreign_money(amount.get("Ccy") or "?")
    cents = _cents(_said(amount))
    return cents if sign == "CRDT" else -cents


def _cents(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise values.unclear_amount(text)
    try:
        scaled = Decimal(text) * 100
    except InvalidOperation as problem:
        raise values.unclear_amount(text) from problem
    if scaled != scaled.to_integral_value():
        raise values.unclear_amount(text)
    return values.in_bounds(int(scaled), text)


def _day(node: Element, name: str) -> date:
    told = _text(node, name, "Dt") or _text(node, name, "DtTm") or _text(node, name)
    try:
        return date.fromisoformat(told[:10])
    except ValueError as problem:
        raise values.unclear_date(told) from problem


# --- the tree ------------------------------------------------------------------------------------------------


def _all(node: Element, *path: str) -> Iterator[Element]:
    """Every element at the end of a path of local names."""
    if not path:
        yield node
        return
    for child in node:
        if isinstance(child.tag, str) and etree.QName(child).localname == path[0]:
            yield from _all(child, *path[1:])


def _child(node: Element | None, *path: str) -> Element | None:
    return None if node is None else next(_all(node, *path), None)


def _text(node: Element | None, *path: str) -> str:
    found = _child(node, *path)
    return "" if found is None else _said(found)


def _said(node: Element) -> str:
    return (node.text or "").strip()


def _parsed(content: bytes) -> Element:
    try:
        return root_of(content, most_elements=MAX_ELEMENTS, deepest=MAX_DEPTH)
    except (DeclaredError, TooMuchError) as refused:
        raise UnreadableStatement(
            "xml_refused",
            N_("This XML declares what no bank file does, and may hide an attack: it was not read."),
            field="file",
        ) from refused
    except BrokenError as problem:
        raise UnreadableStatement(
            "xml_broken", N_("This XML file is cut or damaged: download it again from the bank."), field="file"
        ) from problem
