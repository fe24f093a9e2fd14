"""Sending the peer, telling what was done, and the partner's word that it was.

Words: a *mission order* sends the peer; a *report* (compte rendu) says hours by activity and a head-count, never who
was met; a *service done* (service fait) is the partner's confirmation of a session, all its reports together: that is
what is invoiced.
"""
