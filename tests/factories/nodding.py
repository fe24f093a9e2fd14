"""A checker that says yes: for tests of anything but the official rules, which cost a tenth of a second an invoice."""

from collections.abc import Sequence

from entrepairs.billing.einvoice.checker import OUR_RULES, Checker, CheckReport, RuleSet


class Nodding(Checker):
    """Says yes to every document, without a child; our own refusals are left as they are."""

    def check(self, xml: bytes, sets: Sequence[RuleSet] = OUR_RULES) -> CheckReport:
        return CheckReport(())
