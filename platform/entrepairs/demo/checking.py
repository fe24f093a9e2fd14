"""The official rules run on the story's invoices while the story goes on."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import event
from sqlalchemy.orm import Session

from entrepairs.billing.einvoice.checker import Checker, CheckReport

BELIEVED: Final = CheckReport(())


class RefusedInvoiceError(RuntimeError):
    """An invoice of the story breaks the official rules: the story or the software is wrong, nothing is committed."""


class PatientChecker(Checker):
    """Believes each invoice at once and has it checked meanwhile; a session is committed once all of its are.

    Waiting for the child would take a tenth of the telling. Raises RefusedInvoiceError from the commit.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checker")
        self._waiting: list[Future[CheckReport]] = []
        event.listen(session, "before_commit", self._prove)

    def check(self, xml: bytes, *args: Any, **options: Any) -> CheckReport:
        """Nothing against it so far."""
        self._waiting.append(self._thread.submit(super().check, xml, *args, **options))
        return BELIEVED

    def _prove(self, _session: Session) -> None:
        """Wait for the answers. Raises RefusedInvoiceError."""
        waiting, self._waiting = self._waiting, []
        refused = [report for one in waiting if not (report := one.result()).passed]
        if refused:
            raise RefusedInvoiceError("; ".join(sorted({rule for report in refused for rule in report.rules})))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(cancel_futures=True)
        self.close()
