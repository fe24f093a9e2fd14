"""Files that come in: structures (our own columns, or the official FINESS extract) and peers.

Words: a *line* is a row of the file as read; a *problem* says which line and column, and what to do; a *remark* is
worth knowing but stops nothing; *landing* writes the lines into the network, all of them or none.
"""
