"""How an issued invoice leaves, and what becomes of it at the other end.

Words: a *channel* is mail, Chorus Pro, an approved platform, or a deposit made by hand; a *sending* (`Transmission`) is
one attempt by one channel, with the recipient's data it used; an *event* is what is said of the invoice (codes 200 to
228 and 501 of the reform), written once; a *carrier* is the port behind which each channel is reached. Where an
invoice stands is derived from its events, never stored.
"""
