"""What follows a payment made through Stripe: refunds, disputes, payouts to our bank, and the nightly comparison.

A *movement* is a line of the Stripe balance (its « balance transaction »); a *booking* is what we wrote in our books
for one movement, once; a *difference* is a movement without a booking, a booking without a movement, or two amounts.
"""
