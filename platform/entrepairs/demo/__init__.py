"""The demo's story: fictitious people in a real region, eighteen months lived through the use cases themselves.

Everything is drawn from `config/demo/*.toml` and one seed: the same seed tells the same story, word for word. Words: the
*story* holds the session, the clock and the agenda; a *mission* is one demand with all that happens to it; the
*crowd* is what a large demo adds in bulk.
"""
