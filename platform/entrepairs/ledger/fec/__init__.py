"""The tax file of the entries (fichier des écritures comptables, FEC): written from the books, and checked, ours or not.

Words: a *fault* breaks a rule of article A47 A-1 of the book of tax procedures; a *remark* is worth reading and breaks
none. The checker is pure: it reads a file as a stream and needs no database, whatever the size.
"""
