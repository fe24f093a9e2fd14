"""Local stand-ins of the outside world, for the demo, development and tests; never for production.

Each is a program of its own that listens on loopback only and knows nothing of the platform: the platform
speaks to it through the same libraries as to the real thing (`stripe`, SMTP). `stripe_api` holds payments,
`mail_sink` receives every mail. This package imports nothing else of ours.
"""
