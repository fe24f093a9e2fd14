"""Proposing seats to peers, and who takes them.

Words: an *offer* (proposition) proposes a demand's seat to one peer until a deadline. Answering is a POST, with a
single-use token and no login. The first valid acceptance holds the seat; refusing asks no reason and costs nothing.
"""
