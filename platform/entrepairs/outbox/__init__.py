"""Effects due after the commit. A use case writes a row in its own transaction; a worker does it and marks the end.

Words: an *item* is one effect; a *lease* is a worker's hold on it in real time; a *run* is long work in resumable
steps; a *slot* is one due time of a recurring job, executed once however many beats tick.
"""
