"""Mail: one row for each, without its body or its token, so that the office sees what left and what did not.

Words: a message is *queued*, *sending* (handed to the server), *sent*, *in doubt* (the line was cut between the
server's answer and our mark: shown, never resent by itself), *failed*, or *withdrawn*.
"""
