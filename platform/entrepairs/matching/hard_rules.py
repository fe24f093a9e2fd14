"""The rules that decide whether a peer may be proposed: each a named object, checked over values.

Two kinds. An *ordinary* rule says its own reason. A *personal* one comes from a choice or a rhythm of the peer's:
excluded place, pause, absence, own maxima, distance wished, rest by choice, papers, pairs, missions not asked. All
personal rules share ONE reason, told only when no ordinary rule fails, so that none can be guessed from the page, the
command line or the count beside it. Working-time rules hold for everybody, volunteers too: the house's choice.
"""

from typing import Final, Protocol

from entrepairs.kernel.i18n import Sentence
from entrepairs.matching.personal_rules import PERSONAL_RULES
from entrepairs.matching.protection_rules import PROTECTION_RULES
from entrepairs.matching.skill_rules import SKILL_RULES
from entrepairs.matching.time_rules import TIME_RULES
from entrepairs.matching.values import Ask, Candidate, Limits


class Rule(Protocol):
    """`check` gives None when the rule holds, else the sentence said of the peer.

    `crowd` says the same of several people, after their number (« 9 sans la qualification demandée »). `source` is the
    law or the founding text.
    """

    @property
    def code(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def personal(self) -> bool: ...
    @property
    def crowd(self) -> Sentence: ...

    def check(self, ask: Ask, candidate: Candidate, limits: Limits) -> Sentence | None: ...


ORDINARY: Final[tuple[Rule, ...]] = (*SKILL_RULES, *TIME_RULES, *PROTECTION_RULES)
PERSONAL: Final[tuple[Rule, ...]] = PERSONAL_RULES
