"""Bank files made for tests: invented accounts and payers, the shapes that banks really use."""

from textwrap import dedent

ACCOUNT = "FR1420041010050500013M02606"
PAYER = "FR7630006000011234567890189"


def entry(
    amount: str,
    sign: str = "CRDT",
    *,
    day: str = "2027-03-02",
    inside: str = "",
    status: str = "<Sts>BOOK</Sts>",
    **kw: str,
) -> str:
    """A <Ntry>; `inside` is put after the dates."""
    currency = kw.get("currency", "EUR")
    return f"""<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{kw.get("reversal", "")}{status}
    <BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{kw.get("bank_ref", "B1")}</AcctSvcrRef>
    <BkTxCd/>{inside}</Ntry>"""


def details(*, name: str = "Clinique Beaulieu", text: str = "FACTURE FA2027-00001", iban: str = PAYER, e2e: str = "NOTPROVIDED",
            amount: str = "", new: bool = False, party: str = "Dbtr", extra: str = "") -> str:  # fmt: skip
    """A <TxDtls>; `new` writes the names as versions 08 on do."""
    who = f"<Pty><Nm>{name}</Nm></Pty>" if new else f"<Nm>{name}</Nm>"
    return f"""<TxDtls><Refs><EndToEndId>{e2e}</EndToEndId></Refs>{amount}{extra}
    <RltdPties><{party}>{who}</{party}><{party}Acct><Id><IBAN>{iban}</IBAN></Id></{party}Acct></RltdPties>
    <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"""


def box(*inside: str) -> str:
    """A <NtryDtls>."""
    return f"<NtryDtls>{''.join(inside)}</NtryDtls>"


def balance(code: str, amount: str, day: str, sign: str = "CRDT") -> str:
    """A <Bal>."""
    return f"""<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>
    <CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"""


def statement(*entries: str, opening: str = "1000.00", closing: str, number: str = "12", account: str = ACCOUNT) -> str:
    """A <Stmt> of 1 to 3 March 2027."""
    return f"""<Stmt><Id>S-{number}</Id><ElctrncSeqNb>{number}</ElctrncSeqNb>
    <Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balance("OPBD", opening, "2027-03-01")}
    {balance("CLBD", closing, "2027-03-03")}{"".join(entries)}</Stmt>"""


def camt(*statements: str, version: str = "02", kind: str = "53", head: str = "", encoding: str = "UTF-8") -> bytes:
    """A whole file."""
    return dedent(f"""<?xml version="1.0" encoding="{encoding}"?>{head}
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.0{kind}.001.{version}"><BkToCstmrStmt>
    <GrpHdr><MsgId>M</MsgId><CreDtTm>2027-03-03T20:00:00</CreDtTm></GrpHdr>{"".join(statements)}
    </BkToCstmrStmt></Document>""").encode(encoding)


# --- CFONB 120 -----------------------------------------------------------------------------------------------

HOLDER = ("20041", "01005", "0500013M026")


def signed(cents: int, *, french: bool = False) -> str:
    """Fourteen signs, the last one with the sign in it."""
    last = ("{ABCDEFGHI" if cents >= 0 else "}JKLMNOPQR")[abs(cents) % 10]
    if french:
        last = {"{": "é", "}": "è"}.get(last, last)
    return f"{abs(cents) // 10:013d}{last}"


def record(
    kind: str, *, day: str = "020327", amount: str = "", decimals: str = "2", currency: str = "EUR", **kw: str
) -> str:
    """One record; `label`, `value`, `reference`, `rejected`, `qualifier`, `said` where the kind has them."""
    bank, branch, account = HOLDER
    start = f"{kind}{bank}    {branch}{currency}{decimals} {account}"
    if kind in {"01", "07"}:
        return f"{start}  {day}{'':50}{amount}{'':16}"
    if kind == "04":
        value = kw.get("value", day)
        label, rejected = kw.get("label", "VIR CLINIQUE BEAULIEU"), kw.get("rejected", "  ")
        return f"{start}18{day}{rejected}{value}{label:31}  {kw.get('entry', '0000007')}  {amount}{kw.get('reference', ''):16}"
    return f"{start}18{day}     {kw.get('qualifier', 'LIB')}{kw.get('said', ''):70}  "


def cfonb(*records: str, end: str = "\r\n", encoding: str = "iso-8859-1") -> bytes:
    """A whole file."""
    return (end.join(records) + end).encode(encoding)


def cfonb_account(*moves: str, opening: int = 100000, closing: int) -> bytes:
    """One account with its balances."""
    return cfonb(
        record("01", day="010327", amount=signed(opening)), *moves, record("07", day="030327", amount=signed(closing))
    )


def a_bank_file(
    *moves: tuple[int, str], day: str = "2027-03-02", account: str = "FR1420041010050500013M02606"
) -> bytes:
    """A CAMT.053 file of these movements (cents, label), whose balances agree."""
    rows = [
        entry(f"{abs(cents) / 100:.2f}", "CRDT" if cents > 0 else "DBIT", day=day, inside=box(details(text=label)))
        for cents, label in moves
    ]
    closing = f"{1000 + sum(cents for cents, _ in moves) / 100:.2f}"
    return camt(statement(*rows, closing=closing, account=account))
