"""A local stand-in of Chorus Pro behind PISTE: the token, the deposit of a flow, its report, the life of an invoice.

It takes only invented accounts (`demo-…`), on loopback; a real secret never belongs here.
"""
