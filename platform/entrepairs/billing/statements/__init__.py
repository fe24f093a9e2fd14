"""Bank statements: a file of the bank is read (CAMT.053, CFONB 120, CSV), kept line by line, and each credit is proposed
to the invoices it pays. A *line* is one movement of the account; a *proposal* is a guess with its reasons; the office
decides, and the payment is then recorded by `billing.payments` as if it had been typed.
"""
