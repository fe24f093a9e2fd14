"""One transfer shared by hand among several invoices, of any payers; and all of it undone at once."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from entrepairs.audit.actors import Actor
from entrepairs.billing.corrections import reverse_settlement
from entrepairs.billing.models import Settlement
from entrepairs.billing.queries import invoice_numbered
from entrepairs.billing.statements.deciding import confirm_line, locked_line
from entrepairs.billing.statements.standing import standing_payments
from entrepairs.kernel.clock import Clock
from entrepairs.kernel.errors import InvalidInput
from entrepairs.kernel.i18n import N_
from entrepairs.kernel.money import Money

Asked = tuple[str, Money | None]
"""An invoice, and its part; None for what is left."""
NOTHING = Money(0)


def shared(total: Money, asked: Sequence[Asked], *, keep_rest: bool) -> dict[str, Money]:
    """The part of each invoice, adding up to the transfer. What is left goes to the one part left blank, else, when it
    is to be kept (`keep_rest`), to the last invoice as a surplus of its payer.

    Raises InvalidInput("invoice_twice", "two_blanks", "part_not_positive", "parts_too_much", "rest_left", "no_part").
    """
    if not asked:
        raise InvalidInput("no_part", N_("Name at least one invoice."), field="invoice")
    if len({ref for ref, _part in asked}) != len(asked):
        raise InvalidInput("invoice_twice", N_("An invoice is named twice: put its whole part on one line."))
    if sum(part is None for _ref, part in asked) > 1:
        raise InvalidInput("two_blanks", N_("Only one amount may be left blank: it gets what is left."))
    if any(part is not None and part <= NOTHING for _ref, part in asked):
        raise InvalidInput("part_not_positive", N_("Each part is more than zero."))
    left = total - Money.sum(part for _ref, part in asked if part is not None)
    blank = next((ref for ref, part in asked if part is None), None)
    if left < NOTHING or (blank is not None and not left):
        raise InvalidInput("parts_too_much", N_("These parts are more than the %(amount)s that came in."), amount=total)
    parts = {ref: part or NOTHING for ref, part in asked}
    if left and blank is None and not keep_rest:
        raise InvalidInput(
            "rest_left",
            N_(
                "%(rest)s of this transfer are left: put them on an invoice, or keep them as a surplus of the last one."
            ),
            rest=left,
        )
    parts[blank or asked[-1][0]] += left
    return parts


def share_line(
    session: Session,
    ref: str,
    asked: Sequence[tuple[str, Money | None]],
    *,
    keep_rest: bool = False,
    clock: Clock,
    actor: Actor,
) -> Sequence[Settlement]:
    """Record a transfer on several invoices, by their numbers. Said twice, it is recorded once.

    Raises what `shared`, `invoice_numbered` and `confirm_line` do.
    """
    line = locked_line(session, ref)
    named = [(invoice_numbered(session, number).ref, part) for number, part in asked]
    parts = shared(Money(line.cents), named, keep_rest=keep_rest)
    rest_on = named[-1][0] if keep_rest else None
    return confirm_line(session, ref, parts, surplus_on=rest_on, clock=clock, actor=actor)


def undo_line(session: Session, ref: str, *, reason: str, clock: Clock, actor: Actor) -> int:
    """Undo every payment of a line by its opposite: the line waits again. How many were undone; twice is once.

    Raises NotFound, and what `reverse_settlement` does.
    """
    standing = standing_payments(session, locked_line(session, ref))
    for payment in sorted(standing, key=lambda one: one.invoice_id):
        reverse_settlement(session, payment.invoice.ref, payment.ref, reason=reason, clock=clock, actor=actor)
    return len(standing)
