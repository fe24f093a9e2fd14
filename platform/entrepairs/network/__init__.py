"""Who asks and who comes: structures with their services, and peers with their own terms.

Words: a *partner* is an institution; a *site* one of its services; a *referent* the named professional who welcomes
the peer there, with a deputy; a *peer* is a peer worker; an *exclusion* is a place a peer does not wish to go, without
reason, seen by the peer alone; a *pause* is silent; a *theme* is lived experience the peer accepts to speak of.
"""
