"""What an office adds to a draft before it is issued: a discount, on a line or on the whole, and files that go with it.

A discount said on the invoice is taken off the sale itself, in the accounts too (PCG: reductions on the invoice are net
in 706; 709 is for those granted after). Everything here freezes with the invoice.
"""
