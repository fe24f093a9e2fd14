"""The notice of a part-time employee: seven working days, unless they agree expressly (C. trav. L3123-31).

No rule fails here: the office is told that the yes is an express agreement, the peer is told what they agree to, and
the acceptance stores it.
"""

from entrepairs.kernel.dates import paris_day
from entrepairs.kernel.holidays_fr import working_days_between
from entrepairs.matching.values import Ask, Candidate, Limits
from entrepairs.network.models.peers import Employment


def short_notice(ask: Ask, candidate: Candidate, limits: Limits) -> bool:
    """Whether the first session comes within the legal notice of a part-time employee, counted from today."""
    if candidate.employment is not Employment.EMPLOYEE or candidate.full_time:
        return False
    return working_days_between(ask.today, paris_day(ask.sessions[0].start)) < limits.notice_days
