"""Is work shared as people wish, are demands answered everywhere, and where would one more person help most?

Words: a *share* is a peer's hours beside the hours they wish; a *spread* is everybody's, without a name; *coverage*
says what became of the demands of a département; a *study* looks, with matching's own rules, at why demands are without
anybody, and at what a *newcomer* (someone who does not exist yet) would have made possible. No index, no ranking of
persons; hours wished are a choice one can change, never a target one misses.
"""
