"""The closed lists of the network, by code: qualifications, themes, languages, wordings. Labels are msgids.

The catalogue names qualifications by these codes; a demand names themes and languages by these codes.
"""

from typing import Final

from entrepairs.kernel.i18n import N_
from entrepairs.network.models.partners import MemberRole, PartnerKind, PayerKind
from entrepairs.network.models.peers import ClearanceKind, Employment, HomeWish, PairWish

QUALIFICATIONS: Final[dict[str, str]] = {
    "msp_degree": N_("Peer health mediator degree (DU or licence)"),
    "wrap_facilitator": N_("WRAP facilitator"),
    "etp_40h": N_("Therapeutic patient education (40 h)"),
    "pssm_instructor": N_("Mental health first aid instructor"),
    "self_help_facilitator": N_("Self-help group facilitator"),
    "mediation": N_("Mediation"),
    "emergency_support": N_("Support in emergency departments"),
    "crisis_plan": N_("Joint crisis plan"),
    "trainer": N_("Adult trainer"),
}

THEMES: Final[dict[str, str]] = {
    "street": N_("Life on the street"),
    "addictions": N_("Addictions"),
    "first_hospitalisation": N_("First hospital stay"),
    "voice_hearing": N_("Hearing voices"),
    "parenthood": N_("Being a parent"),
    "young_adult": N_("Being a young adult"),
    "work": N_("Work and studies"),
    "exile": N_("Exile and migration"),
    "justice": N_("Prison and justice"),
    "violence": N_("Violence lived through"),
    "isolation": N_("Loneliness"),
    "rights": N_("Rights and guardianship"),
}
"""Coarse on purpose: experience one may speak of, never a diagnosis."""

LANGUAGES: Final[dict[str, str]] = {
    "fr": N_("French"),
    "lsf": N_("French sign language"),
    "ar": N_("Arabic"),
    "de": N_("German"),
    "en": N_("English"),
    "es": N_("Spanish"),
    "fa": N_("Persian"),
    "hy": N_("Armenian"),
    "it": N_("Italian"),
    "ku": N_("Kurdish"),
    "oc": N_("Occitan"),
    "pt": N_("Portuguese"),
    "ro": N_("Romanian"),
    "ru": N_("Russian"),
    "sw": N_("Swahili"),
    "tr": N_("Turkish"),
    "uk": N_("Ukrainian"),
    "vi": N_("Vietnamese"),
    "wo": N_("Wolof"),
}

WORDINGS: Final = (
    "pair-aidant·e",
    "pair-aidante",
    "pair-aidant",
    "médiateur·rice de santé-pair",
    "médiatrice de santé-pair",
    "médiateur de santé-pair",
    "travailleur·se pair",
    "travailleuse paire",
    "travailleur pair",
)
"""How a peer may wish to be called; French, shown as it is."""

PARTNER_KINDS: Final[dict[PartnerKind, str]] = {
    PartnerKind.PUBLIC_HOSPITAL: N_("Public hospital"),
    PartnerKind.PRIVATE_CLINIC: N_("Private clinic"),
    PartnerKind.MEDICO_SOCIAL: N_("Medico-social service"),
    PartnerKind.SOCIAL_SERVICE: N_("Social service"),
    PartnerKind.GEM: N_("GEM"),
    PartnerKind.SCHOOL: N_("School"),
    PartnerKind.TOWN: N_("Local authority"),
    PartnerKind.COMPANY: N_("Company"),
    PartnerKind.USERS_ASSOCIATION: N_("Users' association"),
    PartnerKind.FAMILIES_ASSOCIATION: N_("Families' association"),
    PartnerKind.TRAINING_BODY: N_("Training body"),
    PartnerKind.OTHER: N_("Other structure"),
}

PAYER_KINDS: Final[dict[PayerKind, str]] = {
    PayerKind.PUBLIC_HOSPITAL: N_("Public health establishment"),
    PayerKind.PUBLIC_LOCAL: N_("Local authority"),
    PayerKind.PUBLIC_STATE: N_("State service"),
    PayerKind.PRIVATE: N_("Private"),
    PayerKind.NONE: N_("Does not pay: only refers people"),
}

MEMBER_ROLES: Final[dict[MemberRole, str]] = {
    MemberRole.REQUESTER: N_("Files demands"),
    MemberRole.SIGNATORY: N_("Signs for the structure"),
    MemberRole.ACCOUNTANT: N_("Receives the invoices"),
    MemberRole.ADMIN: N_("Manages the team and the services"),
}

EMPLOYMENTS: Final[dict[Employment, str]] = {
    Employment.EMPLOYEE: N_("Employee"),
    Employment.VOLUNTEER: N_("Volunteer"),
    Employment.COOPERATOR: N_("Cooperator (CAE)"),
    Employment.EMPLOYED_ELSEWHERE: N_("Employed elsewhere"),
}

PAIR_WISHES: Final[dict[PairWish, str]] = {
    PairWish.EITHER: N_("It is all the same to me"),
    PairWish.PREFERRED: N_("I like coming with somebody"),
    PairWish.REQUIRED: N_("Only with somebody"),
    PairWish.REFUSED: N_("Without another peer"),
}

HOME_WISHES: Final[dict[HomeWish, str]] = {
    HomeWish.AS_ALL: N_("As the association decides"),
    HomeWish.ALONE_TOO: N_("Alone is fine too"),
    HomeWish.NEVER_ALONE: N_("Never alone"),
}

CLEARANCES: Final[dict[ClearanceKind, str]] = {
    ClearanceKind.CONTRACT: N_("Contract signed"),
    ClearanceKind.INCAPACITY_CHECK: N_("Certificate of good standing checked"),
    ClearanceKind.CONFIDENTIALITY: N_("Confidentiality undertaking signed"),
}

WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
