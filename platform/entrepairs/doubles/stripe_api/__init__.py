"""A local Stripe: the part of its HTTP API that the platform uses, its payment page and its signed webhooks.

Words: a *stand* is one running stand-in with its data; an *event* is what happened, as Stripe tells it; a
*delivery* is one sending of an event to the webhook, repeated until answered 2xx; a *knob* is a misbehaviour
of the network or of Stripe that a test or a demo switches on; the *agenda* holds what will happen later.
"""
