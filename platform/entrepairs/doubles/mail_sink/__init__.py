"""A local mail server that keeps every mail it receives and shows them on a page.

Words: a *mail* is one message as received, kept as one `.eml` file; a *fault* is a misbehaviour of a mail
server (refusal, broken connection, slowness) that a test or a demo switches on.
"""
