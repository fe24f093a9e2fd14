"""Who did what. Append-only: the application role may only insert; a job seals the rows in a hash chain.

Words: an *actor* is who acts (an account, a mail link, the system); an *entry* is one act; a *transition* is one
change of state, with who, when, from, to and why.
"""
