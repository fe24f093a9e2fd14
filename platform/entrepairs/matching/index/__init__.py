"""The team in memory, in columns: the same answers as the rules over the database, in a blink.

Words: a *column* holds one value of every peer; *ragged* entries are several by peer (missions, absences); a *twin* says
of many peers at once what a rule object says of one; a *survey* is one ask looked at over the columns. Built from
PostgreSQL in one snapshot, kept current by the rows of `matching_change`, thrown away and built anew after any doubt.
What is accepted is always checked again by the rules themselves, in the database, inside the transaction.
"""
