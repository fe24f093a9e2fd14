"""What happens when an invoice is late: when its term really ends, what lateness costs, who is reminded of what, and when
the money will come.

Words: the *term* of a public payer runs from what it received, known after the issue; a *standing* is where an open
invoice is on a day; the *ladder* is the voted steps; a *letter* goes to one structure and tells several invoices; a
*pause* (a dispute, a promise) stops the ladder; a *decision on interest* asks for it or gives it up.
"""
