"""The association's support of its peers: that it took place, never what was said.

Words: a *support* is a supervision or a practice-exchange group that somebody took part in, on a day; it becomes *due*
so many days or worked hours after the last one, as voted; *overdue* is the association's debt, never the peer's fault.
"""
