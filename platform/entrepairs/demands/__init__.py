"""What a partner asks, its dated sessions, and who holds which seat.

Words: a *demand* (demande) asks an offering for a site; a *session* (séance, rencontre, demi-journée) is one dated
slot; a *seat* is one peer needed on all the sessions; an *assignment* is a peer holding a seat; a *booking* is their
hold on one session: the exclusion constraint that no peer is in two places lives there.
"""
