"""Issuers as real processes: a mother that has loaded everything forks them, and forks another for each that is killed.

    python -m tests.billing.issuers ADDRESS COUNT

Each takes a draft that nobody else holds, issues it, commits, and goes on until none is left. The official rules are left
out: they are asked elsewhere, and say nothing of numbers. The mother ends when all of them ended by themselves.
"""

import os
import sys
import time

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs.app import load_models
from entrepairs.billing.issuing import issue_invoice
from entrepairs.billing.models import Invoice, InvoiceState
from tests.factories.billing import OFFICE, later
from tests.factories.nodding import Nodding

NAME = "issuer-"
"""How their connections are called, their process after it: who is in the middle of an invoice can be seen, and killed."""


def issue_all(address: str) -> None:
    """What one process does."""
    engine = create_engine(address, connect_args={"application_name": f"{NAME}{os.getpid()}"})
    draft = Invoice.state == InvoiceState.DRAFT
    free = select(Invoice.ref).where(draft).order_by(Invoice.id).limit(1).with_for_update(skip_locked=True)
    while True:
        with Session(engine) as session:
            ref = session.scalar(free)
            if ref is not None:
                issue_invoice(session, ref, clock=later(), actor=OFFICE, checker=Nodding())
                session.commit()
            elif session.scalar(select(Invoice.id).where(draft).limit(1)) is None:
                return
            else:  # the last ones are held by others, who may be killed
                time.sleep(0.05)


def fork(address: str) -> int:
    """Another one; its process."""
    child = os.fork()
    if child:
        return child
    try:
        issue_all(address)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - told by its code
        sys.stderr.write(f"{error!r}\n")
        os._exit(1)


def main(address: str, count: int) -> int:
    """The mother: how many failed otherwise than by a kill."""
    load_models()
    with create_engine(address, poolclass=NullPool).connect() as connection:
        connection.execute(text("SELECT 1"))
    left, failed = {fork(address) for _ in range(count)}, 0
    while left:
        child, status = os.wait()
        left.discard(child)
        if os.WIFSIGNALED(status):
            left.add(fork(address))
        failed += os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
