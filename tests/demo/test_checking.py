"""The story's invoices are believed at once, and proven before they are committed."""

import pytest
from sqlalchemy.orm import Session

from entrepairs.billing.einvoice.checker import Checker, CheckReport, RuleFailure
from entrepairs.demo.checking import PatientChecker, RefusedInvoiceError


def test_a_refused_invoice_stops_the_telling_at_the_commit(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = CheckReport((RuleFailure("BR-01", "fatal", "no identifier"),))
    monkeypatch.setattr(Checker, "check", lambda self, xml: wrong)
    with PatientChecker(session) as checker:
        assert checker.check(b"<Invoice/>").passed
        with pytest.raises(RefusedInvoiceError, match="BR-01"):
            session.commit()


def test_a_right_invoice_is_committed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def check(self: Checker, xml: bytes) -> CheckReport:
        asked.append(xml)
        return CheckReport(())

    monkeypatch.setattr(Checker, "check", check)
    with PatientChecker(session) as checker:
        checker.check(b"<Invoice/>")
        session.commit()
    assert asked == [b"<Invoice/>"]
