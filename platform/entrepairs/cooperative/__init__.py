"""Towards living from our own work: the voted contribution, grants, the share of our own income.

Words: the *contribution* (contribution coopérative) is the voted share of turnover kept by the cooperative; a *grant*
(subvention) is public funding with a purpose and a period; the *self-financing ratio* is own income over total income.
"""
