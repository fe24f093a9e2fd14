"""Double-entry accounts: chart, journals, balanced entries, balances.

Words: an *entry* (écriture) is balanced, has a journal and, once *validated*, a continuous number and is frozen;
a *line* has a debit or a credit, never both; an *axis* spreads a line for analysis. Source of the plan: PCG (ANC
2022-06) and the associations' regulation ANC 2018-06.
"""
