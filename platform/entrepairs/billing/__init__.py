"""From confirmed services to invoices, e-invoices, payments.

Words: an *invoice* is drafted from services done, then *issued*: numbered in that transaction and frozen; a *credit
note* (avoir) is the only correction; a *settlement* is what reduced its balance; a *transmission* is how it left.
"""
