"""What the association is and what it votes: its identity, dated decisions (rates, weights, delays), the demo clock.

A decision is a row with a validity and its source (general assembly, board); neither a constant nor a legal figure.
"""
