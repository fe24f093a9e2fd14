"""What the association votes: each matter with its words, the shape of its answer, and whether it must come first.

Six of them are decided by a human before go-live; nothing is assumed in their place. The others have a default that
holds until a vote. Each room reads its own by `settings.decisions`; this list is the office's.
"""

from collections.abc import Mapping
from typing import Final

from entrepairs.billing.checkout import DEBIT_OFFERED
from entrepairs.billing.credit_notes import CREDIT_APPROVAL
from entrepairs.billing.dunning.ladder import AUTOMATIC, DAYS_KEYS, DEFAULT_DAYS, Step
from entrepairs.billing.parties import VAT_ON_DEBITS
from entrepairs.billing.vat import DECISION as VAT_REGIMES
from entrepairs.contracting.papers import CANCELLATION, EXPENSES, INSURANCE, NOTICE
from entrepairs.contracting.quotes import VALID_DAYS
from entrepairs.cooperative.contribution import RATE
from entrepairs.cooperative.shapes import Group, Matter, Shape
from entrepairs.kernel.i18n import N_
from entrepairs.matching.looking import CALL_OUT_REST, HOME_VISITS, VOLUNTEER_MONTH, VOLUNTEER_WEEK
from entrepairs.matching.scoring import PART_LABELS, Weights
from entrepairs.missions.asking import DEFAULT_REMINDER_DAYS, REMINDER_DAYS
from entrepairs.missions.colleagues import DEFAULT_NOTICE_DAYS, NOTICE_DAYS
from entrepairs.missions.papers import SUPERVISION
from entrepairs.planning.moving import MOVE_HOURS, MOVE_HOURS_DEFAULT
from entrepairs.planning.priorities import DEFAULT as PRIORITIES_DEFAULT
from entrepairs.planning.priorities import KEY as PRIORITIES
from entrepairs.planning.priorities import LABELS as PRIORITY_LABELS
from entrepairs.supervision.due import BLOCKS, DEFAULT_HOURS, EVERY_DAYS, EVERY_HOURS
from entrepairs.supervision.due import DEFAULT_DAYS as SUPERVISION_DAYS

HALF_DAYS_DEFAULT: Final = {"am": ["09:00", "12:30"], "pm": ["13:30", "17:00"]}
WEIGHTS_DEFAULT: Final = {kind.value: Weights().of(kind) for kind in PART_LABELS}

MATTERS: Final = (
    Matter(
        VAT_REGIMES,
        N_("VAT of what we do"),
        N_(
            "Says how each offering is invoiced. Decided with the accountant; an invoice under another regime is refused."
        ),
        Shape.CHOICES,
        Group.BEFORE,
        {
            "exempt_261_7_1_b": N_("Exempt: social and philanthropic work (CGI 261-7-1° b)"),
            "exempt_261_4_4_a": N_("Exempt: continuing training, with its attestation (CGI 261-4-4° a)"),
            "franchise_293_b": N_("Small business exemption (CGI 293 B)"),
            "out_of_scope": N_("Secondary paid activity, out of the scope of VAT"),
            "standard": N_("Taxed at the standard rate"),
        },
    ),
    Matter(
        "governance.vat_liable",
        N_("Are we liable to VAT?"),
        N_(
            "Says whether a platform must be chosen to receive electronic invoices. Sources differ: ask the accountant."
        ),
        Shape.CHOICE,
        Group.BEFORE,
        {"yes": N_("Yes"), "no": N_("No")},
    ),
    Matter(
        "governance.employer_model",
        N_("Who employs the peers?"),
        N_("Changes contracts and VAT. Lending staff for profit is never an option."),
        Shape.CHOICE,
        Group.BEFORE,
        {
            "association": N_("The association employs them and sells a service"),
            "cooperative": N_("They are members of an activity cooperative"),
            "mixed": N_("Some are employed, others are members of a cooperative"),
        },
    ),
    Matter(
        "governance.persons_data",
        N_("Do we keep anything on the people we meet?"),
        N_("Our advice: nothing. Otherwise, certified health data hosting and an impact assessment are needed."),
        Shape.CHOICE,
        Group.BEFORE,
        {"none": N_("Nothing that identifies them"), "coded": N_("A code, on certified hosting")},
    ),
    Matter(
        "governance.chorus_channel",
        N_("How do invoices reach public buyers?"),
        N_("The choice is free since 1 September 2026."),
        Shape.CHOICE,
        Group.BEFORE,
        {"direct": N_("Straight to Chorus Pro"), "platform": N_("Through an approved platform")},
    ),
    Matter(
        "governance.legal_form_target",
        N_("Which form do we aim for?"),
        N_("Changes how a surplus is shared, and some accounts."),
        Shape.CHOICE,
        Group.BEFORE,
        {
            "association": N_("Remain an association"),
            "scic": N_("SCIC"),
            "scop": N_("SCOP"),
            "cae": N_("Activity cooperative (CAE)"),
        },
    ),
    Matter(
        RATE,
        N_("Cooperative contribution"),
        N_("The share of what is invoiced, without VAT, that the cooperative keeps for what is common."),
        Shape.RATE,
        Group.MONEY,
    ),
    Matter(
        VAT_ON_DEBITS,
        N_("VAT paid on invoicing"),
        N_("Without the option, VAT is due when the money comes in. It is printed on invoices."),
        Shape.YES_NO,
        Group.MONEY,
        default=False,
    ),
    Matter(
        DEBIT_OFFERED,
        N_("SEPA direct debit online"),
        N_("If yes, a private structure may also pay by direct debit, beside the card. The bank answers within days."),
        Shape.YES_NO,
        Group.MONEY,
        default=False,
    ),
    Matter(
        CREDIT_APPROVAL,
        N_("Credit notes and refunds by two people"),
        N_(
            "Above this amount with VAT on an invoice, in one or several times, one person prepares a credit note, or money "
            "given back online, and another lets it leave. Not voted: one is enough."
        ),
        Shape.EUROS,
        Group.MONEY,
    ),
    *(
        Matter(
            DAYS_KEYS[step],
            title,
            N_("How many days after the date to pay. Nothing leaves before the office has read it and sent it."),
            Shape.DAYS,
            Group.MONEY,
            default=DEFAULT_DAYS[step],
            shortest=1,
        )
        for step, title in (
            (Step.FRIENDLY, N_("Late payment: a friendly word")),
            (Step.REMINDER, N_("Late payment: a reminder")),
            (Step.FORMAL, N_("Late payment: a formal notice")),
            (Step.RECOVERY, N_("Late payment: where to turn next")),
        )
    ),
    Matter(
        AUTOMATIC,
        N_("The friendly word leaves by itself"),
        N_("If yes, the first letter leaves each working morning without anybody's click. The next ones never do."),
        Shape.YES_NO,
        Group.MONEY,
        default=False,
    ),
    Matter(
        "demands.late_cancellation_percent",
        N_("Cost of a late cancellation"),
        N_("The part of the price of the sessions left that a structure pays when it cancels late."),
        Shape.PERCENT,
        Group.MONEY,
        default="0",
    ),
    Matter(
        "matching.weights",
        N_("Who do we propose first?"),
        N_("What each part of the bars counts for, of a hundred in all. Peers see these weights too."),
        Shape.WEIGHTS,
        Group.WORK,
        {kind.value: label for kind, label in PART_LABELS.items()},
        default=WEIGHTS_DEFAULT,
    ),
    Matter(
        PRIORITIES,
        N_("What do we serve first?"),
        N_(
            "When there are not enough people for every demand of a period: what each kind counts for, of a hundred in all."
        ),
        Shape.WEIGHTS,
        Group.WORK,
        PRIORITY_LABELS,
        default=dict(PRIORITIES_DEFAULT),
    ),
    Matter(
        MOVE_HOURS,
        N_("When is it worth asking somebody to hand a mission over?"),
        N_(
            "A plan may look again at missions accepted, when the office asks for it. How many hours nearer to what all "
            "wish, or as much on journeys, a move must bring before anybody is asked."
        ),
        Shape.HOURS,
        Group.WORK,
        default=MOVE_HOURS_DEFAULT,
        shortest=0,
        longest=40,
    ),
    Matter(
        CALL_OUT_REST,
        N_("Rest after an emergency"),
        N_("Nothing else is proposed to somebody for so many hours after a call-out. Never under the law's eleven."),
        Shape.HOURS,
        Group.WORK,
        default=24,
        shortest=11,
        longest=96,
    ),
    Matter(
        HOME_VISITS,
        N_("Who goes to somebody's home?"),
        N_(
            "By two means with a colleague or a professional. Each person may say that alone is fine for them, or never "
            "go alone, whatever is decided here."
        ),
        Shape.CHOICE,
        Group.WORK,
        {
            "all": N_("Always by two"),
            "first": N_("By two the first time, then as each wishes"),
            "as_wished": N_("As each wishes"),
        },
        default="all",
    ),
    Matter(
        VOLUNTEER_WEEK,
        N_("A volunteer's week"),
        N_("The most hours a volunteer gives in a week: volunteering stays free and occasional."),
        Shape.HOURS,
        Group.WORK,
        default=12,
        longest=48,
    ),
    Matter(
        VOLUNTEER_MONTH,
        N_("A volunteer's month"),
        N_("The most hours a volunteer gives in a month: volunteering stays free and occasional."),
        Shape.HOURS,
        Group.WORK,
        default=40,
        longest=150,
    ),
    Matter(
        EVERY_DAYS,
        N_("Supervision: how often"),
        N_("How many days after the first mission since the last one a supervision is owed."),
        Shape.DAYS,
        Group.WORK,
        default=SUPERVISION_DAYS,
    ),
    Matter(
        EVERY_HOURS,
        N_("Supervision: after how many hours"),
        N_("After how many hours worked since the last one a supervision is owed; 0 counts days only."),
        Shape.HOURS,
        Group.WORK,
        default=DEFAULT_HOURS,
        longest=500,
    ),
    Matter(
        BLOCKS,
        N_("A supervision owed comes before a new mission"),
        N_("If yes, nothing new is proposed to somebody to whom we owe a supervision. Otherwise it is only our debt."),
        Shape.YES_NO,
        Group.WORK,
        default=False,
    ),
    Matter(
        "demands.half_days",
        N_("Hours of a half-day"),
        N_("Used to plan a presence by half-days."),
        Shape.HALF_DAYS,
        Group.WORK,
        default=HALF_DAYS_DEFAULT,
    ),
    Matter(
        "demands.cancellation_notice_days",
        N_("Notice of a cancellation"),
        N_("From how many days before the next session a cancellation is late."),
        Shape.DAYS,
        Group.WORK,
        default=7,
        longest=90,
    ),
    Matter(
        VALID_DAYS,
        N_("Validity of a quote"),
        N_("How long a structure has to accept it."),
        Shape.DAYS,
        Group.WORK,
        default=30,
    ),
    Matter(
        REMINDER_DAYS,
        N_("Reminder of a service to confirm"),
        N_("After how many days of silence a structure is reminded."),
        Shape.DAYS,
        Group.WORK,
        default=DEFAULT_REMINDER_DAYS,
        longest=60,
    ),
    Matter(
        NOTICE_DAYS,
        N_("A professional of the place not confirmed"),
        N_("How many days before the date the structure is asked again, and the peer and the office are told."),
        Shape.DAYS,
        Group.WORK,
        default=DEFAULT_NOTICE_DAYS,
        shortest=1,
        longest=30,
    ),
    Matter(
        CANCELLATION,
        N_("Cancelling and moving"),
        N_("Printed on quotes and agreements, as voted."),
        Shape.TEXT,
        Group.PAPERS,
    ),
    Matter(
        NOTICE,
        N_("Notice to end an agreement"),
        N_("Completes « with a notice of … » on the agreement."),
        Shape.TEXT,
        Group.PAPERS,
        default="deux mois",
        longest=40,
    ),
    Matter(EXPENSES, N_("Travel and expenses"), N_("Printed on agreements, as voted."), Shape.TEXT, Group.PAPERS),
    Matter(INSURANCE, N_("Insurance"), N_("Printed on agreements, as voted."), Shape.TEXT, Group.PAPERS),
    Matter(
        SUPERVISION,
        N_("Who supervises"),
        N_("Printed on mission orders; by default the association and its number."),
        Shape.TEXT,
        Group.PAPERS,
    ),
)
"""In the order of the page."""

BY_ADDRESS: Final[Mapping[str, Matter]] = {matter.address: matter for matter in MATTERS}
