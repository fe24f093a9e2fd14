"""A region of any size, written by PostgreSQL itself: peers with every term, a million missions, sites, demands.

Peers live and sites stand in the real communes, by population. A peer's missions fall on different days, so that none
overlaps another; they end twenty weeks after the day one looks, and begin as early as their number needs.
"""

import re
from datetime import date
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from entrepairs.network.communes import load_communes
from entrepairs.network.vocabulary import LANGUAGES, QUALIFICATIONS

TODAY = date(2027, 1, 11)
SITES = 600
PARTNERS = 150

_STATEMENTS = (
    """INSERT INTO account (ref, email, name, locale, created_at)
       SELECT 'CPT-' || lpad(n::text, 9, '0'), 'p' || n || '@example.org', 'P ' || n, 'fr', now()
       FROM generate_series(1, :peers) n""",
    """CREATE TEMP TABLE homes AS
       SELECT insee, sum(population) OVER (ORDER BY insee)::float8 / sum(population) OVER ()::float8 AS upto,
              lag(s, 1, 0) OVER (ORDER BY insee) AS since
       FROM (SELECT insee, population,
                    sum(population) OVER (ORDER BY insee)::float8 / sum(population) OVER ()::float8 AS s
             FROM commune) c""",
    """CREATE TEMP TABLE home_of (n int, insee text)""",
    """INSERT INTO home_of
       SELECT n, h.insee FROM (SELECT n, random() AS r FROM generate_series(1, :peers + :sites) n) d
       JOIN homes h ON d.r >= h.since AND d.r < h.upto""",
    """INSERT INTO peer (ref, account_id, first_name, last_name, wording, employment, asks_missions, commune_insee,
                         radius_km, wished_hours, weekly_max_hours, outside_hours, monthly_max_hours,
                         rests_on_holidays, waits_for_supervision, pair_wish, home_wish, full_time, joined_on, created_at)
       SELECT 'PAI-' || lpad(row_number() OVER (ORDER BY a.id)::text, 9, '0'), a.id,
              (ARRAY['Samira','Inès','Paul','Noé','Éloïse','Karim','Lou','Anaïs'])[1 + floor(random() * 8)],
              chr(65 + floor(random() * 26)::int) || 'essai', 'pair-aidant·e',
              CASE WHEN random() < 0.9 THEN 'employee' WHEN random() < 0.8 THEN 'volunteer' ELSE 'cooperator' END,
              random() < 0.97, h.insee, (ARRAY[20,30,40,60,60,90,120])[1 + floor(random() * 7)],
              (ARRAY[10,20,35,35,60])[1 + floor(random() * 5)], (ARRAY[7,10,14,18,24,28,35])[1 + floor(random() * 7)],
              CASE WHEN random() < 0.8 THEN 0 ELSE 15 END, CASE WHEN random() < 0.8 THEN NULL ELSE 40 END,
              random() < 0.7, random() < 0.05,
              (ARRAY['either','either','either','preferred','required','refused'])[1 + floor(random() * 6)],
              'as_all', random() < 0.2, DATE '2022-01-01', now()
       FROM account a JOIN home_of h ON h.n = a.id - (SELECT min(id) FROM account) + 1
       WHERE a.email LIKE 'p%@example.org'""",
    """CREATE TEMP TABLE who AS SELECT id, (row_number() OVER (ORDER BY id) - 1)::int AS n FROM peer""",
    """INSERT INTO peer_language (peer_id, language)
       SELECT w.id, l FROM who w, unnest(CAST(:languages AS text[])) l
       WHERE l = 'fr' OR random() < 0.12""",
    """INSERT INTO peer_theme (peer_id, theme)
       SELECT w.id, t FROM who w, unnest(ARRAY['street','addictions','work','exile','rights','parenthood']) t
       WHERE random() < 0.3""",
    """INSERT INTO qualification (peer_id, kind, valid, created_at)
       SELECT w.id, k, daterange(DATE '2025-01-01', CASE WHEN random() < 0.8 THEN NULL ELSE DATE '2027-03-01' END), now()
       FROM who w, unnest(CAST(:kinds AS text[])) k WHERE random() < 0.4""",
    """INSERT INTO availability (peer_id, weekday, starts, ends)
       SELECT w.id, d, s.a, s.b FROM who w, generate_series(0, 6) d,
              (VALUES (TIME '08:00', TIME '13:00', 1.0), (TIME '13:00', TIME '19:00', 1.0),
                      (TIME '19:00', TIME '23:00', 0.35)) s(a, b, f)
       WHERE random() < s.f * CASE WHEN d < 5 THEN 0.72 ELSE 0.12 END""",
    """INSERT INTO absence (peer_id, during)
       SELECT w.id, tstzrange(TIMESTAMPTZ '2027-01-04 23:00+00' + make_interval(days => (k * 40 + floor(random() * 30))::int),
                              TIMESTAMPTZ '2027-01-04 23:00+00' + make_interval(days => (k * 40 + 30 + floor(random() * 5))::int))
       FROM who w, generate_series(0, 2) k WHERE random() < 0.2""",
    """INSERT INTO pause (peer_id, since) SELECT id, DATE '2027-01-01' FROM who WHERE random() < 0.02""",
    """INSERT INTO clearance (peer_id, kind, checked_on, checked_by)
       SELECT w.id, k, DATE '2026-01-01', 'La coordination'
       FROM who w, unnest(ARRAY['contract','incapacity_check','confidentiality']) k WHERE random() < 0.99""",
    """INSERT INTO partner (ref, name, kind, payer_kind, address, postcode, town, requires_engagement,
                            requires_service_code, refers_only, created_at)
       SELECT 'STR-' || lpad(n::text, 9, '0'), 'Structure ' || n, 'private_clinic', 'private', '', '', '', false, false,
              false, now() FROM generate_series(1, :partners) n""",
    """INSERT INTO site (ref, partner_id, name, address, postcode, commune_insee, emergency, created_at)
       SELECT 'LIE-' || lpad(n::text, 9, '0'), (SELECT min(id) FROM partner) + n % :partners, 'Service ' || n, '', '',
              h.insee, false, now()
       FROM (SELECT n, insee FROM (SELECT n - :peers AS n, insee FROM home_of) x WHERE n > 0) h""",
    """INSERT INTO exclusion (peer_id, site_id)
       SELECT DISTINCT w.id, (SELECT min(id) FROM site) + floor(random() * :sites)::int
       FROM who w, generate_series(1, 2) k WHERE random() < 0.25""",
    """INSERT INTO offering (code, name, summary, kind, family, session_minutes, sessions_min, sessions_usual, facilitation,
                             price_unit, vat_regime, asks_person_wish, preparation_minutes, pictogram, goals, position,
                             active, learner_seat, second_optional)
       VALUES ('bench', 'Atelier', '', 'series', '', 120, 1, 1, 'alone', 'per_session', 'social_nonprofit', false, 30,
               'people', '[]', 0, true, false, false)""",
    """INSERT INTO support (peer_id, kind, held_on, recorded_by, recorded_at)
       SELECT id, 'supervision', DATE '2026-12-01', 'La coordination', now() FROM who WHERE random() < 0.7""",
    """INSERT INTO demand (ref, partner_id, site_id, offering_id, kind, state, facilitation, opened_by_office, place_kind,
                           place_detail, colleague_function, themes, goals, audience, context, half_days, skip_holidays,
                           step, note, financed_by, created_at)
       SELECT 'DEM-' || lpad(n::text, 9, '0'), s.partner_id, s.id, (SELECT max(id) FROM offering), 'series', 'running',
              'alone', false, CASE WHEN n % 20 = 0 THEN 'remote' ELSE 'site' END, '', '', '[]', '[]', '', '', '[]', true,
              '', '', '', now()
       FROM (SELECT n, floor(random() * :sites)::int AS at FROM generate_series(1, :demands) n) d
       JOIN (SELECT id, partner_id, row_number() OVER (ORDER BY id) - 1 AS at FROM site) s USING (at)""",
    """CREATE TEMP TABLE what AS SELECT id, (row_number() OVER (ORDER BY id) - 1)::int AS n FROM demand""",
    """INSERT INTO seat (demand_id, number, state) SELECT id, 1, 'confirmed' FROM what""",
    """INSERT INTO assignment (ref, demand_id, seat_id, peer_id, state, created_at)
       SELECT 'AFF-' || lpad(what.n::text, 9, '0'), what.id, seat.id, who.id, 'confirmed', now()
       FROM what JOIN seat ON seat.demand_id = what.id JOIN who ON who.n = what.n % :peers""",
    """CREATE TEMP TABLE slot AS
       SELECT who.id AS peer_id, who.n AS who, k,
              :days - 1 - (k * :step + who.n % :step) AS workday, 8 + floor(random() * 9)::int AS hour,
              2 + floor(random() * 2)::int AS hours
       FROM who, generate_series(0, :each - 1) k""",
    """CREATE TEMP TABLE dated AS
       SELECT peer_id, what.id AS demand_id, (k / :series)::int AS turn, k,
              TIMESTAMPTZ '2027-05-31 00:00 Europe/Paris'
                  - make_interval(days => ((:days - 1 - workday) / 5 * 7 + 3 + (:days - 1 - workday) % 5)::int,
                                  hours => -hour) AS start,
              hours
       FROM slot JOIN what ON what.n = slot.who + (k / :series)::int * :peers""",
    """INSERT INTO demand_session (ref, demand_id, number, during, state)
       SELECT 'S' || (row_number() OVER ())::text, demand_id, k, tstzrange(start, start + make_interval(hours => hours)),
              'planned' FROM dated""",
    """INSERT INTO booking (assignment_id, session_id, peer_id, during, active)
       SELECT a.id, s.id, a.peer_id, s.during, true
       FROM demand_session s JOIN assignment a ON a.demand_id = s.demand_id""",
    """UPDATE demand SET place_kind = place_kind WHERE false""",
    "ANALYZE",
)

_TRIGGERS = """
    DO $$
    DECLARE t text;
    BEGIN
        FOR t IN SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal LOOP
            EXECUTE format('ALTER TABLE %s {} TRIGGER USER', t);
        END LOOP;
    END $$"""
_UNCHECKED = _TRIGGERS.format("DISABLE").replace(
    "BEGIN",
    """BEGIN
        FOR t IN SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
                 WHERE contype IN ('f', 'x') AND connamespace = 'public'::regnamespace LOOP
            EXECUTE t;
        END LOOP;""",
)
"""A million rows checked one by one would take minutes; what is asked of them is asked once, at the end."""


def literal(value: Any) -> str:
    """A number, or a list of plain words, as SQL."""
    return str(value) if isinstance(value, int) else "'{" + ",".join(value) + "}'"


def fill(owner: Connection, *, peers: int, missions: int, seed: float = 0.42) -> int:
    """Write the region, as the owner of the tables; how many missions. No trigger or key is checked meanwhile."""
    each = missions // peers
    series = 4 if each >= 4 else 1
    # Five days a week, a mission every `step` working days.
    days = max(40 * 5, -(-each * 5 // 4))
    step = max(days // each, 1)
    given: dict[str, Any] = {
        "peers": peers,
        "sites": SITES,
        "partners": PARTNERS,
        "demands": peers * -(-each // series),
        "each": each,
        "series": series,
        "days": days,
        "step": step,
        "languages": list(LANGUAGES)[:6],
        "kinds": list(QUALIFICATIONS),
    }
    with Session(owner) as session:
        load_communes(session)
        session.execute(text(_UNCHECKED))
        session.execute(text("SELECT setseed(:seed)"), {"seed": seed})
        for statement in _STATEMENTS:
            whole = re.sub(r"(?<!:):([a-z]+)", lambda found: literal(given[found[1]]), statement)
            session.connection().exec_driver_sql(whole.replace("%", "%%"))
        overlapping = session.scalar(
            text("""SELECT count(*) FROM (SELECT lag(upper(during)) OVER (PARTITION BY peer_id ORDER BY during) > lower(during)
                    AS clash FROM booking) b WHERE clash""")
        )
        assert overlapping == 0, f"{overlapping} missions overlap"
        found = session.scalar(text("SELECT count(*) FROM booking"))
        session.execute(text(_TRIGGERS.format("ENABLE")))
        session.commit()
    return int(found or 0)
