"""Who can come, and why; never at the cost of a rule that protects a person.

Words: a *hard rule* says whether a peer may be proposed; a *score part* says how good it would be; an *explanation* is
one record for one peer: rules passed or failed, parts that sum to the total. « Selon ses choix ou son rythme » is the
one reason shared by every personal cause, so that none can be guessed.
"""
