"""A question to somebody who comes already, which the demo's story does not have: written once a plan stands."""

from typing import Final

HANDOVER: Final = (
    """INSERT INTO plan_demand (plan_id, demand_id, position, missing, found, held, outcome)
        SELECT (SELECT min(id) FROM plan), a.demand_id, 9999, 1, 1, true, 'moved' FROM assignment a
        JOIN demand d ON d.id = a.demand_id WHERE a.state = 'confirmed' AND d.state = 'staffed' ORDER BY a.id DESC LIMIT 1""",
    """INSERT INTO plan_proposal (line_id, peer_id, state, parts, replaces_id, gain)
        SELECT l.id, (SELECT max(p.id) FROM peer p WHERE p.id <> a.peer_id), 'asked', '[]', a.id,
            '{"minutes": 120, "km": 0, "serves": []}'
        FROM plan_demand l JOIN assignment a ON a.demand_id = l.demand_id AND a.state = 'confirmed'
        WHERE l.held ORDER BY a.id DESC LIMIT 1""",
    """INSERT INTO handover (ref, proposal_id, assignment_id, peer_id, state, deadline, asked_at)
        SELECT 'PAS-2222-2222', id, replaces_id, peer_id, 'asked', now() + interval '9 years', now()
        FROM plan_proposal WHERE replaces_id IS NOT NULL""",
)
