"""Tables of the network, by noun."""

from entrepairs.network.models.learning import Learning, TrainingDays
from entrepairs.network.models.pairs import RefusedColleague
from entrepairs.network.models.partners import (
    Commune,
    MemberRole,
    Partner,
    PartnerKind,
    PartnerMember,
    PayerKind,
    Referent,
    Site,
    SiteCard,
)
from entrepairs.network.models.peers import (
    Absence,
    Availability,
    Clearance,
    ClearanceKind,
    Employment,
    Exclusion,
    HomeWish,
    PairWish,
    Pause,
    Peer,
    PeerLanguage,
    PeerTheme,
    Qualification,
)

__all__ = [
    "Absence",
    "Availability",
    "Clearance",
    "ClearanceKind",
    "Commune",
    "Employment",
    "Exclusion",
    "HomeWish",
    "Learning",
    "MemberRole",
    "PairWish",
    "Partner",
    "PartnerKind",
    "PartnerMember",
    "Pause",
    "PayerKind",
    "Peer",
    "PeerLanguage",
    "PeerTheme",
    "Qualification",
    "Referent",
    "RefusedColleague",
    "Site",
    "SiteCard",
    "TrainingDays",
]
