"""The first schema: every room, its constraints, and what the database refuses by itself

Revision: 0001
Follows: nothing
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARDS = Path(__file__).with_name("0001_guards.sql")


def upgrade() -> None:
    """Create everything."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("ref", name=op.f("uq_account_ref")),
    )
    op.create_index("uq_account_email_lower", "account", [sa.literal_column("lower(email)")], unique=True)
    op.create_table(
        "accounting_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opening_reserved", sa.Boolean(), nullable=False),
        sa.Column("closed_through", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_through = last_day", name=op.f("ck_accounting_year_closed_whole")
        ),
        sa.CheckConstraint(
            "closed_through IS NULL OR closed_through BETWEEN first_day AND last_day",
            name=op.f("ck_accounting_year_closed_inside"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_accounting_year_days")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_accounting_year")),
    )
    op.create_table(
        "association",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("legal_form", sa.String(length=120), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("rna", sa.String(length=10), nullable=True),
        sa.Column("vat_number", sa.String(length=20), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("town", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("opening_hours", sa.String(length=200), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("signatory_name", sa.String(length=120), nullable=False),
        sa.Column("signatory_function", sa.String(length=120), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_association_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_association")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("real_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_ref", sa.String(length=80), nullable=False),
        sa.Column("actor_label", sa.String(length=160), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject_kind", "subject_ref"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("upto_id", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("upto_id", name=op.f("uq_audit_seal_upto_id")),
    )
    op.create_table(
        "axis_value",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("axis", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_axis_value")),
        sa.UniqueConstraint("axis", "code", name=op.f("uq_axis_value_axis_code")),
    )
    op.create_table(
        "bank_csv_layout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("header_print", sa.String(length=64), nullable=False),
        sa.Column("header", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("places", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_csv_layout")),
        sa.UniqueConstraint("header_print", name=op.f("uq_bank_csv_layout_header_print")),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column(
            "format",
            sa.Enum(
                "camt053",
                "cfonb120",
                "csv",
                name="statementformat_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=True),
        sa.Column("closing", sa.BigInteger(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=160), nullable=False),
        sa.CheckConstraint("opened_on <= closed_on", name=op.f("ck_bank_statement_days_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("ref", name=op.f("uq_bank_statement_ref")),
    )
    op.create_index(op.f("ix_bank_statement_account"), "bank_statement", ["account"], unique=False)
    op.create_table(
        "commune",
        sa.Column("insee", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("postcodes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("departement", sa.String(length=3), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=8, scale=5), nullable=False),
        sa.Column("longitude", sa.Numeric(precision=8, scale=5), nullable=False),
        sa.Column("approximate", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("insee", name=op.f("pk_commune")),
    )
    op.create_index(op.f("ix_commune_departement"), "commune", ["departement"], unique=False)
    op.create_index(op.f("ix_commune_name"), "commune", ["name"], unique=False)
    op.create_table(
        "coverage_study",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("newcomers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NULL) = (newcomers IS NULL)", name=op.f("ck_coverage_study_whole_with_newcomers")
        ),
        sa.CheckConstraint("done >= 0 AND total >= 0", name=op.f("ck_coverage_study_counts_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_study")),
        sa.UniqueConstraint("ref", name=op.f("uq_coverage_study_ref")),
    )
    op.create_index("ix_coverage_study_asked_at", "coverage_study", ["asked_at"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("key"), "="), (sa.column("valid"), "&&"), using="gist", name="ex_decision_key_valid"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_demo_clock_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_clock")),
    )
    op.create_table(
        "grant_funding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("funder", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("report_due_on", sa.Date(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "notified",
                "running",
                "reported",
                "closed",
                name="grantstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_grant_funding_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_funding")),
        sa.UniqueConstraint("ref", name=op.f("uq_grant_funding_ref")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "journal",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_journal")),
    )
    op.create_table(
        "ledger_account",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("auxiliary", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{3}'", name=op.f("ck_ledger_account_three_digits")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_ledger_account")),
    )
    op.create_table(
        "matching_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "xid", sa.BigInteger(), server_default=sa.text("(pg_current_xact_id()::text)::bigint"), nullable=False
        ),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_change")),
    )
    op.create_index("ix_matching_change_xid", "matching_change", ["xid"], unique=False)
    op.create_table(
        "matching_purge",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_matching_purge_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matching_purge")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("to_ref", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "in_doubt",
                "failed",
                "withdrawn",
                name="messagestate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("message_id", sa.String(length=160), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_message_ref")),
    )
    op.create_index("ix_message_state", "message", ["state", "created_at"], unique=False)
    op.create_index("ix_message_subject", "message", ["subject_kind", "subject_ref"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.CheckConstraint("next >= 1", name=op.f("ck_number_series_next_positive")),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "offering",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=400), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "series",
                "one_off",
                "presence",
                "emergency",
                "accompaniment",
                "training",
                "placement",
                name="offeringkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("family", sa.String(length=60), nullable=False),
        sa.Column("session_minutes", sa.Integer(), nullable=False),
        sa.Column("sessions_min", sa.Integer(), nullable=False),
        sa.Column("sessions_usual", sa.Integer(), nullable=False),
        sa.Column(
            "facilitation",
            sa.Enum(
                "alone",
                "two_peers",
                "peer_and_professional",
                name="facilitation_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("second_optional", sa.Boolean(), nullable=False),
        sa.Column("learner_seat", sa.Boolean(), nullable=False),
        sa.Column("group_min", sa.Integer(), nullable=True),
        sa.Column("group_max", sa.Integer(), nullable=True),
        sa.Column(
            "price_unit",
            sa.Enum(
                "per_session",
                "per_hour",
                "per_half_day",
                "per_day",
                "per_series",
                "per_participant",
                name="priceunit_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("vat_regime", sa.String(length=40), nullable=False),
        sa.Column("asks_person_wish", sa.Boolean(), nullable=False),
        sa.Column("preparation_minutes", sa.Integer(), nullable=False),
        sa.Column("pictogram", sa.String(length=40), nullable=False),
        sa.Column("goals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "facilitation = 'two_peers' OR NOT (second_optional OR learner_seat)",
            name=op.f("ck_offering_second_seat_of_two"),
        ),
        sa.CheckConstraint(
            "group_min IS NULL OR group_max IS NULL OR group_min <= group_max", name=op.f("ck_offering_group_ordered")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering")),
        sa.UniqueConstraint("code", name=op.f("uq_offering_code")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "claimed",
                "done",
                "failed",
                name="itemstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dedup_key", sa.String(length=160), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_outbox_dedup_key")),
    )
    op.create_index(
        "ix_outbox_claimed", "outbox", ["lease_until"], unique=False, postgresql_where=sa.text("state = 'claimed'")
    )
    op.create_index(
        "ix_outbox_done",
        "outbox",
        [sa.literal_column("coalesce(done_at, due_at)")],
        unique=False,
        postgresql_where=sa.text("state = 'done'"),
    )
    op.create_index(
        "ix_outbox_pending", "outbox", ["due_at", "id"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "public_hospital",
                "private_clinic",
                "medico_social",
                "social_service",
                "gem",
                "school",
                "town",
                "company",
                "users_association",
                "families_association",
                "training_body",
                "other",
                name="partnerkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "payer_kind",
            sa.Enum(
                "public_hospital",
                "public_local",
                "public_state",
                "private",
                "none",
                name="payerkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("vat_number", sa.String(length=20), nullable=True),
        sa.Column("finess", sa.String(length=9), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("town", sa.String(length=80), nullable=False),
        sa.Column("billing_email", sa.String(length=254), nullable=True),
        sa.Column("billing_address", sa.String(length=200), nullable=True),
        sa.Column("billing_postcode", sa.String(length=5), nullable=True),
        sa.Column("billing_town", sa.String(length=80), nullable=True),
        sa.Column("requires_engagement", sa.Boolean(), nullable=False),
        sa.Column("requires_service_code", sa.Boolean(), nullable=False),
        sa.Column("service_code", sa.String(length=40), nullable=True),
        sa.Column("electronic_address", sa.String(length=125), nullable=True),
        sa.Column("refers_only", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("siret IS NULL OR length(siret) = 14", name=op.f("ck_partner_siret_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("ref", name=op.f("uq_partner_ref")),
        sa.UniqueConstraint("siret", name=op.f("uq_partner_siret")),
    )
    op.create_index(op.f("ix_partner_name"), "partner", ["name"], unique=False)
    op.create_index(
        "uq_partner_finess", "partner", ["finess"], unique=True, postgresql_where=sa.text("finess IS NOT NULL")
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "done",
                "stopped",
                "failed",
                name="runstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("stop_asked", sa.Boolean(), nullable=False),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kept", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("failure", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_label", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name=op.f("ck_run_lease_while_running")),
        sa.CheckConstraint(
            "(state IN ('done', 'failed', 'stopped')) = (ended_at IS NOT NULL)", name=op.f("ck_run_ended_at_the_end")
        ),
        sa.CheckConstraint("attempts >= 0 AND turn >= attempts", name=op.f("ck_run_attempts_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("ref", name=op.f("uq_run_ref")),
    )
    op.create_index("ix_run_queued", "run", ["id"], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index("uq_run_running", "run", ["state"], unique=True, postgresql_where=sa.text("state = 'running'"))
    op.create_table(
        "slot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job", sa.String(length=60), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("job", "slot", name=op.f("uq_slot_job_slot")),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media", sa.String(length=100), nullable=False),
        sa.Column("filename", sa.String(length=160), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(sha256) = 64", name=op.f("ck_stored_file_sha256_hex")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("ref", name=op.f("uq_stored_file_ref")),
        sa.UniqueConstraint("sha256", name=op.f("uq_stored_file_sha256")),
    )
    op.create_table(
        "stripe_booking",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("txn_id", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aside_why", sa.String(length=200), nullable=True),
        sa.Column("aside_by", sa.String(length=160), nullable=True),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_booking")),
        sa.UniqueConstraint("txn_id", name=op.f("uq_stripe_booking_txn_id")),
    )
    op.create_table(
        "stripe_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("movements", sa.Integer(), nullable=False),
        sa.Column("mended", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_check")),
    )
    op.create_table(
        "stripe_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=80), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "done",
                "ignored",
                "aside",
                "failed",
                name="eventstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stripe_event_event_id")),
    )
    op.create_table(
        "stripe_movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("txn_id", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aside_why", sa.String(length=200), nullable=True),
        sa.Column("aside_by", sa.String(length=160), nullable=True),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("net = cents - fee", name=op.f("ck_stripe_movement_net")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_movement")),
        sa.UniqueConstraint("txn_id", name=op.f("uq_stripe_movement_txn_id")),
    )
    op.create_index(op.f("ix_stripe_movement_moved_at"), "stripe_movement", ["moved_at"], unique=False)
    op.create_table(
        "transition",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("from_state", sa.String(length=40), nullable=False),
        sa.Column("to_state", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("actor_ref", sa.String(length=80), nullable=False),
        sa.Column("actor_label", sa.String(length=160), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transition")),
    )
    op.create_index("ix_transition_subject", "transition", ["subject_kind", "subject_ref"], unique=False)
    op.create_table(
        "action_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "login",
                "set_password",
                "offer",
                "quote",
                "approval",
                "service",
                "invoice",
                "other_time",
                "handover",
                name="tokenpurpose_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_ref", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("message_ref", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_action_token_account_id_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_action_token_hash")),
    )
    op.create_index(op.f("ix_action_token_account_id"), "action_token", ["account_id"], unique=False)
    op.create_index(op.f("ix_action_token_message_ref"), "action_token", ["message_ref"], unique=False)
    op.create_index("ix_action_token_subject", "action_token", ["purpose", "subject_ref"], unique=False)
    op.create_table(
        "agreement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=True),
        sa.Column(
            "record_access",
            sa.Enum(
                "none",
                "own_tab",
                "full",
                name="recordaccess_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("end_of_month", sa.Boolean(), nullable=False),
        sa.Column("late_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("tacit_days", sa.Integer(), nullable=True),
        sa.Column(
            "grouping",
            sa.Enum(
                "mission",
                "month",
                "site",
                "engagement",
                name="invoicegrouping_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("yearly_engagement", sa.Boolean(), nullable=False),
        sa.Column("cancel_notice_days", sa.Integer(), nullable=True),
        sa.Column("cancel_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("procurement_basis", sa.String(length=120), nullable=False),
        sa.Column("partner_signatory", sa.String(length=120), nullable=False),
        sa.Column("partner_signatory_function", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sent",
                "active",
                "expiring",
                "expired",
                "terminated",
                name="agreementstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("signed_file_id", sa.BigInteger(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(cancel_notice_days IS NULL) = (cancel_percent IS NULL)", name=op.f("ck_agreement_cancellation_whole")
        ),
        sa.CheckConstraint(
            "cancel_notice_days >= 0 AND cancel_percent BETWEEN 0 AND 100", name=op.f("ck_agreement_cancellation_range")
        ),
        sa.CheckConstraint("ceiling IS NULL OR ceiling > 0", name=op.f("ck_agreement_ceiling_positive")),
        sa.CheckConstraint("late_rate > 0", name=op.f("ck_agreement_late_rate_positive")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_agreement_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_agreement_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["signed_file_id"],
            ["stored_file.id"],
            name=op.f("fk_agreement_signed_file_id_stored_file"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("number", name=op.f("uq_agreement_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_agreement_ref")),
    )
    op.create_index(op.f("ix_agreement_file_id"), "agreement", ["file_id"], unique=False)
    op.create_index(op.f("ix_agreement_partner_id"), "agreement", ["partner_id"], unique=False)
    op.create_index(op.f("ix_agreement_signed_file_id"), "agreement", ["signed_file_id"], unique=False)
    op.create_table(
        "dunning_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "friendly",
                "reminder",
                "formal",
                "recovery",
                name="step_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.String(length=160), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("words", sa.String(length=600), nullable=False),
        sa.Column("seller", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("buyer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("step <> 'recovery'", name=op.f("ck_dunning_letter_a_letter")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_dunning_letter_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_letter")),
        sa.UniqueConstraint("ref", name=op.f("uq_dunning_letter_ref")),
    )
    op.create_index("ix_dunning_letter_partner_id", "dunning_letter", ["partner_id", "sent_on"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("journal_code", sa.String(length=6), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("entry_date", sa.Date(), nullable=False),
        sa.Column("piece_ref", sa.String(length=40), nullable=False),
        sa.Column("piece_date", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=160), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "validated", name="entrystate_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dedup_key", sa.String(length=120), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("written_by", sa.String(length=160), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR (number IS NOT NULL AND validated_at IS NOT NULL)",
            name=op.f("ck_entry_validated_numbered"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (validated_at AT TIME ZONE 'Europe/Paris')::date >= entry_date",
            name=op.f("ck_entry_validated_after"),
        ),
        sa.ForeignKeyConstraint(
            ["fiscal_year"], ["accounting_year.year"], name=op.f("fk_entry_fiscal_year_accounting_year")
        ),
        sa.ForeignKeyConstraint(["journal_code"], ["journal.code"], name=op.f("fk_entry_journal_code_journal")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["entry.id"], name=op.f("fk_entry_reverses_id_entry"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_entry_dedup_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_entry_reverses_id")),
    )
    op.create_index(
        "ix_entry_draft", "entry", ["entry_date"], unique=False, postgresql_where=sa.text("state = 'draft'")
    )
    op.create_index(op.f("ix_entry_entry_date"), "entry", ["entry_date"], unique=False)
    op.create_index("ix_entry_journal_date", "entry", ["journal_code", "entry_date", "id"], unique=False)
    op.create_index(op.f("ix_entry_piece_ref"), "entry", ["piece_ref"], unique=False)
    op.create_index(
        "uq_entry_year_number",
        "entry",
        ["fiscal_year", "number"],
        unique=True,
        postgresql_where=sa.text("state = 'validated'"),
    )
    op.create_table(
        "lettering",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_code", sa.String(length=12), nullable=False),
        sa.Column("aux_code", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("lettered_on", sa.Date(), nullable=False),
        sa.Column("lettered_by", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_code"], ["ledger_account.code"], name=op.f("fk_lettering_account_code_ledger_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lettering")),
        sa.UniqueConstraint(
            "account_code", "aux_code", "ordinal", name=op.f("uq_lettering_account_code_aux_code_ordinal")
        ),
    )
    op.create_table(
        "offering_qualification",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("offering_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"],
            ["offering.id"],
            name=op.f("fk_offering_qualification_offering_id_offering"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offering_qualification")),
        sa.UniqueConstraint("offering_id", "kind", name=op.f("uq_offering_qualification_offering_id_kind")),
    )
    op.create_index(
        op.f("ix_offering_qualification_offering_id"), "offering_qualification", ["offering_id"], unique=False
    )
    op.create_table(
        "office_role",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "coordinator",
                "billing",
                "admin",
                "auditor",
                name="officerolekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_office_role_account_id_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_role")),
        sa.UniqueConstraint("account_id", "role", name=op.f("uq_office_role_account_id_role")),
    )
    op.create_index(op.f("ix_office_role_account_id"), "office_role", ["account_id"], unique=False)
    op.create_table(
        "partner_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "requester",
                "signatory",
                "accountant",
                "admin",
                name="memberrole_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("function", sa.String(length=120), nullable=False),
        sa.Column("delegation", sa.String(length=120), nullable=True),
        sa.Column("delegation_since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_partner_member_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_partner_member_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_member")),
        sa.UniqueConstraint(
            "partner_id", "account_id", "role", name=op.f("uq_partner_member_partner_id_account_id_role")
        ),
    )
    op.create_index(op.f("ix_partner_member_account_id"), "partner_member", ["account_id"], unique=False)
    op.create_index(op.f("ix_partner_member_partner_id"), "partner_member", ["partner_id"], unique=False)
    op.create_table(
        "payer_channel",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "chorus_pro",
                "platform",
                "chorus_deposit",
                name="channel_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_payer_channel_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_channel")),
        sa.UniqueConstraint("partner_id", name=op.f("uq_payer_channel_partner_id")),
    )
    op.create_table(
        "peer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("first_name", sa.String(length=60), nullable=False),
        sa.Column("last_name", sa.String(length=60), nullable=False),
        sa.Column("wording", sa.String(length=60), nullable=False),
        sa.Column(
            "employment",
            sa.Enum(
                "employee",
                "volunteer",
                "cooperator",
                "employed_elsewhere",
                name="employment_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asks_missions", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("commune_insee", sa.String(length=5), nullable=False),
        sa.Column("radius_km", sa.Integer(), nullable=False),
        sa.Column("wished_hours", sa.Integer(), nullable=False),
        sa.Column("weekly_max_hours", sa.Integer(), nullable=False),
        sa.Column("outside_hours", sa.Integer(), nullable=False),
        sa.Column("monthly_max_hours", sa.Integer(), nullable=True),
        sa.Column("rests_on_holidays", sa.Boolean(), nullable=False),
        sa.Column("waits_for_supervision", sa.Boolean(), nullable=False),
        sa.Column(
            "pair_wish",
            sa.Enum(
                "either",
                "preferred",
                "required",
                "refused",
                name="pairwish_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "home_wish",
            sa.Enum(
                "as_all",
                "alone_too",
                "never_alone",
                name="homewish_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("full_time", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("monthly_max_hours > 0", name=op.f("ck_peer_monthly_max_positive")),
        sa.CheckConstraint("outside_hours >= 0", name=op.f("ck_peer_outside_positive")),
        sa.CheckConstraint("radius_km >= 0", name=op.f("ck_peer_radius_positive")),
        sa.CheckConstraint("wished_hours >= 0 AND weekly_max_hours > 0", name=op.f("ck_peer_hours_positive")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_peer_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["commune_insee"], ["commune.insee"], name=op.f("fk_peer_commune_insee_commune")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer")),
        sa.UniqueConstraint("account_id", name=op.f("uq_peer_account_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_peer_ref")),
    )
    op.create_index(op.f("ix_peer_commune_insee"), "peer", ["commune_insee"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("departements", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_label", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objective", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("seconds BETWEEN 1 AND 600", name=op.f("ck_plan_seconds_bounded")),
        sa.CheckConstraint("since < until", name=op.f("ck_plan_until_after")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_plan_run_id_run"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("ref", name=op.f("uq_plan_ref")),
        sa.UniqueConstraint("run_id", name=op.f("uq_plan_run_id")),
    )
    op.create_index("ix_plan_created_at", "plan", ["created_at"], unique=False)
    op.create_table(
        "price",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("offering_id", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("fictional", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("offering_id"), "="), (sa.column("valid"), "&&"), using="gist", name="ex_price_offering_valid"
        ),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_price_offering_id_offering"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
    )
    op.create_index(op.f("ix_price_offering_id"), "price", ["offering_id"], unique=False)
    op.create_table(
        "sent_form",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("twin", sa.String(length=64), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sent_form_account_id_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_form")),
        sa.UniqueConstraint("digest", name=op.f("uq_sent_form_digest")),
    )
    op.create_index("ix_sent_form_account_id_id", "sent_form", ["account_id", "id"], unique=False)
    op.create_index(op.f("ix_sent_form_at"), "sent_form", ["at"], unique=False)
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=5), nullable=False),
        sa.Column("commune_insee", sa.String(length=5), nullable=False),
        sa.Column("finess", sa.String(length=9), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("service_code", sa.String(length=40), nullable=True),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["commune_insee"], ["commune.insee"], name=op.f("fk_site_commune_insee_commune")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_site_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("partner_id", "name", name=op.f("uq_site_partner_id_name")),
        sa.UniqueConstraint("ref", name=op.f("uq_site_ref")),
    )
    op.create_index(op.f("ix_site_commune_insee"), "site", ["commune_insee"], unique=False)
    op.create_index(op.f("ix_site_partner_id"), "site", ["partner_id"], unique=False)
    op.create_index("uq_site_finess", "site", ["finess"], unique=True, postgresql_where=sa.text("finess IS NOT NULL"))
    op.create_table(
        "statement_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=500), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("counterparty", sa.String(length=140), nullable=False),
        sa.Column("counterparty_iban", sa.String(length=34), nullable=False),
        sa.Column("end_to_end", sa.String(length=70), nullable=False),
        sa.Column("reversal", sa.Boolean(), nullable=False),
        sa.Column("charge", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=80), nullable=False),
        sa.Column("aside_why", sa.String(length=200), nullable=True),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aside_by", sa.String(length=160), nullable=True),
        sa.CheckConstraint("aside_why IS NULL OR aside_why <> ''", name=op.f("ck_statement_line_aside_told")),
        sa.CheckConstraint("(aside_why IS NULL) = (aside_at IS NULL)", name=op.f("ck_statement_line_aside_whole")),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statement.id"],
            name=op.f("fk_statement_line_statement_id_bank_statement"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_statement_line_fingerprint")),
        sa.UniqueConstraint("ref", name=op.f("uq_statement_line_ref")),
    )
    op.create_index("ix_statement_line_iban", "statement_line", ["counterparty_iban"], unique=False)
    op.create_index("ix_statement_line_statement", "statement_line", ["statement_id", "position"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_web_session_account_id_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_session_token_hash")),
    )
    op.create_index(op.f("ix_web_session_account_id"), "web_session", ["account_id"], unique=False)
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("peer_id"), "="), (sa.column("during"), "&&"), using="gist", name="ex_absence_peer_during"
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_absence_peer_id_peer"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_peer_id"), "absence", ["peer_id"], unique=False)
    op.create_table(
        "agreement_engagement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("service_code", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=160), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_agreement_engagement_year_range")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_agreement_engagement_agreement_id_agreement"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_engagement")),
        sa.UniqueConstraint("agreement_id", "year", name=op.f("uq_agreement_engagement_agreement_id_year")),
    )
    op.create_table(
        "agreement_price",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("offering_id", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_agreement_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_agreement_price_agreement_id_agreement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_agreement_price_offering_id_offering"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_price")),
        sa.UniqueConstraint("agreement_id", "offering_id", name=op.f("uq_agreement_price_agreement_id_offering_id")),
    )
    op.create_index(op.f("ix_agreement_price_offering_id"), "agreement_price", ["offering_id"], unique=False)
    op.create_table(
        "availability",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.CheckConstraint("starts < ends", name=op.f("ck_availability_ends_after")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_availability_weekday_known")),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_availability_peer_id_peer"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability")),
        sa.UniqueConstraint("peer_id", "weekday", "starts", name=op.f("uq_availability_peer_id_weekday_starts")),
    )
    op.create_index(op.f("ix_availability_peer_id"), "availability", ["peer_id"], unique=False)
    op.create_table(
        "books_form",
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "association",
                "scic",
                "scop",
                name="booksform_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.String(length=160), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_books_form_entry_id_entry"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_books_form")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_books_form_entry_id")),
    )
    op.create_table(
        "clearance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contract",
                "incapacity_check",
                "confidentiality",
                name="clearancekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_clearance_peer_id_peer"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearance")),
    )
    op.create_index(op.f("ix_clearance_peer_id"), "clearance", ["peer_id"], unique=False)
    op.create_table(
        "demand",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("offering_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "series",
                "one_off",
                "presence",
                "emergency",
                "accompaniment",
                "training",
                "placement",
                name="kind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "awaiting_approval",
                "submitted",
                "qualified",
                "quoted",
                "awaiting_engagement",
                "confirmed",
                "staffing",
                "staffed",
                "running",
                "completed",
                "closed",
                "cancelled",
                "unfilled",
                "refused",
                name="demandstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "facilitation",
            sa.Enum(
                "alone",
                "two_peers",
                "peer_and_professional",
                name="facilitation_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("requester_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_by_office", sa.Boolean(), nullable=False),
        sa.Column("caller_code", sa.String(length=16), nullable=True),
        sa.Column("signatory_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "place_kind",
            sa.Enum(
                "site",
                "in_town",
                "home",
                "training_venue",
                "remote",
                name="placekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("commune_insee", sa.String(length=5), nullable=True),
        sa.Column("place_detail", sa.String(length=200), nullable=False),
        sa.Column("colleague_function", sa.String(length=120), nullable=False),
        sa.Column("within_km", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=3), nullable=True),
        sa.Column("themes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("goals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "person_wish",
            sa.Enum(
                "wishes", "to_propose", name="personwish_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("participants", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("session_minutes", sa.Integer(), nullable=True),
        sa.Column("sessions_count", sa.Integer(), nullable=True),
        sa.Column("half_days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("skip_holidays", sa.Boolean(), nullable=False),
        sa.Column("step", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("financed_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("place_kind <> 'home' OR place_detail = ''", name=op.f("ck_demand_home_commune_only")),
        sa.CheckConstraint("participants IS NULL OR participants > 0", name=op.f("ck_demand_participants_positive")),
        sa.CheckConstraint("within_km > 0", name=op.f("ck_demand_within_km_positive")),
        sa.ForeignKeyConstraint(["commune_insee"], ["commune.insee"], name=op.f("fk_demand_commune_insee_commune")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offering.id"], name=op.f("fk_demand_offering_id_offering"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_demand_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["account.id"], name=op.f("fk_demand_requester_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["signatory_id"], ["account.id"], name=op.f("fk_demand_signatory_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_demand_site_id_site"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
        sa.UniqueConstraint("caller_code", name=op.f("uq_demand_caller_code")),
        sa.UniqueConstraint("ref", name=op.f("uq_demand_ref")),
    )
    op.create_index(op.f("ix_demand_commune_insee"), "demand", ["commune_insee"], unique=False)
    op.create_index(op.f("ix_demand_offering_id"), "demand", ["offering_id"], unique=False)
    op.create_index(op.f("ix_demand_partner_id"), "demand", ["partner_id"], unique=False)
    op.create_index(op.f("ix_demand_requester_id"), "demand", ["requester_id"], unique=False)
    op.create_index(op.f("ix_demand_signatory_id"), "demand", ["signatory_id"], unique=False)
    op.create_index(op.f("ix_demand_site_id"), "demand", ["site_id"], unique=False)
    op.create_index("ix_demand_state", "demand", ["state", "created_at"], unique=False)
    op.create_table(
        "entry_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("account_code", sa.String(length=12), nullable=False),
        sa.Column("aux_code", sa.String(length=40), nullable=True),
        sa.Column("aux_label", sa.String(length=120), nullable=True),
        sa.Column("label", sa.String(length=160), nullable=False),
        sa.Column("debit", sa.BigInteger(), nullable=False),
        sa.Column("credit", sa.BigInteger(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=True),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.Column("match_ref", sa.String(length=40), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("lettering_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(aux_code IS NULL) = (aux_label IS NULL)", name=op.f("ck_entry_line_aux_pair")),
        sa.CheckConstraint("(debit = 0) <> (credit = 0)", name=op.f("ck_entry_line_one_side")),
        sa.CheckConstraint("debit >= 0 AND credit >= 0", name=op.f("ck_entry_line_not_negative")),
        sa.CheckConstraint(
            "lettering_id IS NULL OR (aux_code IS NOT NULL AND NOT carried)",
            name=op.f("ck_entry_line_lettered_third_party"),
        ),
        sa.ForeignKeyConstraint(
            ["account_code"], ["ledger_account.code"], name=op.f("fk_entry_line_account_code_ledger_account")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_entry_line_entry_id_entry"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["lettering_id"], ["lettering.id"], name=op.f("fk_entry_line_lettering_id_lettering"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_line")),
    )
    op.create_index(
        "ix_entry_line_account_day",
        "entry_line",
        ["account_code", "counted_on", "id"],
        unique=False,
        postgresql_include=["debit", "credit", "carried"],
    )
    op.create_index(op.f("ix_entry_line_entry_id"), "entry_line", ["entry_id"], unique=False)
    op.create_index(op.f("ix_entry_line_lettering_id"), "entry_line", ["lettering_id"], unique=False)
    op.create_index(
        "ix_entry_line_open",
        "entry_line",
        ["account_code", "aux_code", "match_ref"],
        unique=False,
        postgresql_where=sa.text("aux_code IS NOT NULL AND lettering_id IS NULL AND NOT carried"),
    )
    op.create_index(
        "ix_entry_line_third_party",
        "entry_line",
        ["account_code", "aux_code", "counted_on"],
        unique=False,
        postgresql_include=["debit", "credit", "carried"],
        postgresql_where=sa.text("aux_code IS NOT NULL"),
    )
    op.create_table(
        "exclusion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("num_nonnulls(site_id, partner_id) = 1", name=op.f("ck_exclusion_site_or_partner")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_exclusion_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_exclusion_peer_id_peer"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_exclusion_site_id_site"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion")),
    )
    op.create_index(op.f("ix_exclusion_partner_id"), "exclusion", ["partner_id"], unique=False)
    op.create_index(op.f("ix_exclusion_peer_id"), "exclusion", ["peer_id"], unique=False)
    op.create_index(op.f("ix_exclusion_site_id"), "exclusion", ["site_id"], unique=False)
    op.create_index(
        "uq_exclusion_peer_place",
        "exclusion",
        ["peer_id", sa.literal_column("coalesce(site_id, 0)"), sa.literal_column("coalesce(partner_id, 0)")],
        unique=True,
    )
    op.create_table(
        "learning",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("peer_id"), "="),
            (sa.column("kind"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_learning_peer_kind",
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_learning_peer_id_peer"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning")),
    )
    op.create_index(op.f("ix_learning_peer_id"), "learning", ["peer_id"], unique=False)
    op.create_table(
        "pause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_pause_peer_id_peer"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_peer_id"), "pause", ["peer_id"], unique=False)
    op.create_table(
        "peer_language",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_peer_language_peer_id_peer"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_language")),
        sa.UniqueConstraint("peer_id", "language", name=op.f("uq_peer_language_peer_id_language")),
    )
    op.create_index(op.f("ix_peer_language_peer_id"), "peer_language", ["peer_id"], unique=False)
    op.create_table(
        "peer_theme",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_peer_theme_peer_id_peer"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_theme")),
        sa.UniqueConstraint("peer_id", "theme", name=op.f("uq_peer_theme_peer_id_theme")),
    )
    op.create_index(op.f("ix_peer_theme_peer_id"), "peer_theme", ["peer_id"], unique=False)
    op.create_table(
        "plan_hours",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("wished_minutes", sa.Integer(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("minutes_after", sa.Integer(), nullable=False),
        sa.Column("km_before", sa.Integer(), nullable=False),
        sa.Column("km_after", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes_before >= 0 AND minutes_after >= 0", name=op.f("ck_plan_hours_hours_possible")),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_plan_hours_peer_id_peer"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_hours_plan_id_plan"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_hours")),
        sa.UniqueConstraint("plan_id", "peer_id", name=op.f("uq_plan_hours_plan_id_peer_id")),
    )
    op.create_index(op.f("ix_plan_hours_peer_id"), "plan_hours", ["peer_id"], unique=False)
    op.create_index(op.f("ix_plan_hours_plan_id"), "plan_hours", ["plan_id"], unique=False)
    op.create_table(
        "qualification",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_qualification_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_qualification_peer_id_peer"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
    )
    op.create_index(op.f("ix_qualification_file_id"), "qualification", ["file_id"], unique=False)
    op.create_index("ix_qualification_kind", "qualification", ["kind", "peer_id"], unique=False)
    op.create_index(op.f("ix_qualification_peer_id"), "qualification", ["peer_id"], unique=False)
    op.create_table(
        "referent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("function", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("deputy", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_referent_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_referent_site_id_site"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referent")),
    )
    op.create_index(op.f("ix_referent_account_id"), "referent", ["account_id"], unique=False)
    op.create_index(op.f("ix_referent_site_id"), "referent", ["site_id"], unique=False)
    op.create_table(
        "refused_colleague",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("peer_id <> other_id", name=op.f("ck_refused_colleague_somebody_else")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["peer.id"], name=op.f("fk_refused_colleague_other_id_peer"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_refused_colleague_peer_id_peer"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_colleague")),
        sa.UniqueConstraint("peer_id", "other_id", name=op.f("uq_refused_colleague_peer_id_other_id")),
    )
    op.create_index(op.f("ix_refused_colleague_other_id"), "refused_colleague", ["other_id"], unique=False)
    op.create_index(op.f("ix_refused_colleague_peer_id"), "refused_colleague", ["peer_id"], unique=False)
    op.create_table(
        "site_card",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_does", sa.Text(), nullable=False),
        sa.Column("peer_does_not", sa.Text(), nullable=False),
        sa.Column("with_whom", sa.Text(), nullable=False),
        sa.Column("entrance", sa.Text(), nullable=False),
        sa.Column("badge", sa.Text(), nullable=False),
        sa.Column("locker", sa.Text(), nullable=False),
        sa.Column("alarm", sa.Text(), nullable=False),
        sa.Column("meal", sa.Text(), nullable=False),
        sa.Column("danger_contact", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_card_site_id_site"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_card")),
        sa.UniqueConstraint("site_id", name=op.f("uq_site_card_site_id")),
    )
    op.create_table(
        "stripe_payout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("payout_id", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "on_its_way",
                "paid",
                "failed",
                name="payoutstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("failure", sa.String(length=60), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("received_by", sa.String(length=160), nullable=True),
        sa.Column("receipts", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(received_on IS NULL) = (received_by IS NULL)", name=op.f("ck_stripe_payout_receipt_whole")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["statement_line.id"],
            name=op.f("fk_stripe_payout_line_id_statement_line"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_payout")),
        sa.UniqueConstraint("payout_id", name=op.f("uq_stripe_payout_payout_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_stripe_payout_ref")),
    )
    op.create_index(
        "uq_stripe_payout_line",
        "stripe_payout",
        ["line_id"],
        unique=True,
        postgresql_where=sa.text("line_id IS NOT NULL"),
    )
    op.create_table(
        "support",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "supervision",
                "practice_group",
                name="supportkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=120), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_support_peer_id_peer"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
        sa.UniqueConstraint("peer_id", "held_on", "kind", name=op.f("uq_support_peer_id_held_on_kind")),
    )
    op.create_index(op.f("ix_support_peer_id"), "support", ["peer_id"], unique=False)
    op.create_table(
        "training_days",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("days", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("peer_id"), "="), (sa.column("days"), "&&"), using="gist", name="ex_training_days_peer"
        ),
        sa.CheckConstraint(
            "NOT isempty(days) AND NOT lower_inf(days) AND NOT upper_inf(days)",
            name=op.f("ck_training_days_days_bounded"),
        ),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_training_days_peer_id_peer"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_days")),
    )
    op.create_index(op.f("ix_training_days_peer_id"), "training_days", ["peer_id"], unique=False)
    op.create_table(
        "agreement_draw",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_agreement_draw_agreement_id_agreement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_agreement_draw_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_draw")),
        sa.UniqueConstraint("demand_id", name=op.f("uq_agreement_draw_demand_id")),
    )
    op.create_index(op.f("ix_agreement_draw_agreement_id"), "agreement_draw", ["agreement_id"], unique=False)
    op.create_table(
        "coverage_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("study_id", sa.BigInteger(), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.CheckConstraint("needed > 0 AND eligible >= 0", name=op.f("ck_coverage_finding_counts_positive")),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_coverage_finding_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["coverage_study.id"],
            name=op.f("fk_coverage_finding_study_id_coverage_study"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_finding")),
        sa.UniqueConstraint("study_id", "demand_id", name=op.f("uq_coverage_finding_study_id_demand_id")),
    )
    op.create_index(op.f("ix_coverage_finding_demand_id"), "coverage_finding", ["demand_id"], unique=False)
    op.create_table(
        "demand_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "planned",
                "done",
                "missed",
                "cancelled",
                name="sessionstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("colleague_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_demand_session_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_session")),
        sa.UniqueConstraint("demand_id", "number", name=op.f("uq_demand_session_demand_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_demand_session_ref")),
    )
    op.create_index(op.f("ix_demand_session_demand_id"), "demand_session", ["demand_id"], unique=False)
    op.create_index("ix_demand_session_during", "demand_session", ["during"], unique=False, postgresql_using="gist")
    op.create_table(
        "engagement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=50), nullable=False),
        sa.Column("service_code", sa.String(length=40), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_engagement_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("demand_id", name=op.f("uq_engagement_demand_id")),
    )
    op.create_table(
        "invoice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "deposit",
                "credit_note",
                name="invoicekind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("draft", "issued", name="invoicestate_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("corrected_id", sa.BigInteger(), nullable=True),
        sa.Column("demand_id", sa.BigInteger(), nullable=True),
        sa.Column("bill_again", sa.Boolean(), nullable=False),
        sa.Column("interest_of_id", sa.BigInteger(), nullable=True),
        sa.Column("prepared_by", sa.String(length=80), nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("late_rate", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("seller", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("buyer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("service_code", sa.String(length=40), nullable=True),
        sa.Column("engagement", sa.String(length=50), nullable=True),
        sa.Column("agreement_number", sa.String(length=40), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(kind = 'deposit') = (demand_id IS NOT NULL)", name=op.f("ck_invoice_deposit_of_demand")),
        sa.CheckConstraint(
            "interest_of_id IS NULL OR kind = 'invoice'", name=op.f("ck_invoice_interest_is_an_invoice")
        ),
        sa.CheckConstraint(
            "kind <> 'credit_note' OR corrected_id IS NOT NULL", name=op.f("ck_invoice_credit_note_corrects")
        ),
        sa.CheckConstraint("state <> 'draft' OR number IS NULL", name=op.f("ck_invoice_no_number_on_draft")),
        sa.CheckConstraint(
            "state = 'draft' OR (number IS NOT NULL AND issue_date IS NOT NULL AND due_date IS NOT NULL)",
            name=op.f("ck_invoice_issued_numbered"),
        ),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> prepared_by", name=op.f("ck_invoice_two_people")),
        sa.CheckConstraint("gross = net + vat", name=op.f("ck_invoice_totals")),
        sa.CheckConstraint("gross >= 0 AND net >= 0", name=op.f("ck_invoice_never_negative")),
        sa.ForeignKeyConstraint(
            ["corrected_id"], ["invoice.id"], name=op.f("fk_invoice_corrected_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_invoice_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["interest_of_id"], ["invoice.id"], name=op.f("fk_invoice_interest_of_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partner.id"], name=op.f("fk_invoice_partner_id_partner"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_invoice_ref")),
    )
    op.create_index(op.f("ix_invoice_corrected_id"), "invoice", ["corrected_id"], unique=False)
    op.create_index(op.f("ix_invoice_demand_id"), "invoice", ["demand_id"], unique=False)
    op.create_index(op.f("ix_invoice_interest_of_id"), "invoice", ["interest_of_id"], unique=False)
    op.create_index("ix_invoice_partner_state", "invoice", ["partner_id", "state"], unique=False)
    op.create_table(
        "late_cancellation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_regime", sa.String(length=40), nullable=False),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waived_by", sa.String(length=160), nullable=True),
        sa.Column("waived_why", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("waived_at IS NULL OR waived_why <> ''", name=op.f("ck_late_cancellation_waiver_told")),
        sa.CheckConstraint("(waived_at IS NULL) = (waived_by IS NULL)", name=op.f("ck_late_cancellation_waiver_whole")),
        sa.CheckConstraint("cents > 0 AND base >= cents", name=op.f("ck_late_cancellation_positive")),
        sa.CheckConstraint("sessions > 0", name=op.f("ck_late_cancellation_some_sessions")),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_late_cancellation_agreement_id_agreement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_late_cancellation_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_cancellation")),
        sa.UniqueConstraint("demand_id", name=op.f("uq_late_cancellation_demand_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_late_cancellation_ref")),
    )
    op.create_index(op.f("ix_late_cancellation_agreement_id"), "late_cancellation", ["agreement_id"], unique=False)
    op.create_table(
        "line_axis",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("axis_value_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["axis_value_id"],
            ["axis_value.id"],
            name=op.f("fk_line_axis_axis_value_id_axis_value"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["entry_line.id"], name=op.f("fk_line_axis_line_id_entry_line"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_axis")),
        sa.UniqueConstraint("line_id", "axis_value_id", name=op.f("uq_line_axis_line_id_axis_value_id")),
    )
    op.create_index(op.f("ix_line_axis_axis_value_id"), "line_axis", ["axis_value_id"], unique=False)
    op.create_table(
        "plan_demand",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "searched",
                "filled",
                "served",
                "partly",
                "unserved",
                "kept",
                "moved",
                name="outcome_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("apply_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("apply_by", sa.String(length=80), nullable=True),
        sa.Column("apply_label", sa.String(length=200), nullable=True),
        sa.CheckConstraint("missing > 0 AND found BETWEEN 0 AND missing", name=op.f("ck_plan_demand_counts_possible")),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_plan_demand_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_demand_plan_id_plan"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_demand")),
        sa.UniqueConstraint("plan_id", "demand_id", name=op.f("uq_plan_demand_plan_id_demand_id")),
    )
    op.create_index(op.f("ix_plan_demand_demand_id"), "plan_demand", ["demand_id"], unique=False)
    op.create_index(op.f("ix_plan_demand_plan_id"), "plan_demand", ["plan_id"], unique=False)
    op.create_table(
        "quote",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_quote_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("demand_id", name=op.f("uq_quote_demand_id")),
        sa.UniqueConstraint("number", name=op.f("uq_quote_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_quote_ref")),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "offered",
                "held",
                "confirmed",
                "released",
                name="seatstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_seat_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("demand_id", "number", name=op.f("uq_seat_demand_id_number")),
    )
    op.create_index(op.f("ix_seat_demand_id"), "seat", ["demand_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("seat_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "confirmed",
                "done",
                "withdrawn",
                "cancelled",
                "replaced",
                name="assignmentstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_assignment_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_assignment_peer_id_peer"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_assignment_seat_id_seat"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("ref", name=op.f("uq_assignment_ref")),
    )
    op.create_index(op.f("ix_assignment_demand_id"), "assignment", ["demand_id"], unique=False)
    op.create_index(op.f("ix_assignment_peer_id"), "assignment", ["peer_id"], unique=False)
    op.create_index(op.f("ix_assignment_seat_id"), "assignment", ["seat_id"], unique=False)
    op.create_index(
        "uq_assignment_live_demand_peer",
        "assignment",
        ["demand_id", "peer_id"],
        unique=True,
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_index(
        "uq_assignment_live_seat",
        "assignment",
        ["seat_id"],
        unique=True,
        postgresql_where=sa.text("state = 'confirmed'"),
    )
    op.create_table(
        "checkout_payment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "creating",
                "open",
                "processing",
                "paid",
                "failed",
                "expired",
                name="paymentstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.String(length=120), nullable=True),
        sa.Column("session_url", sa.Text(), nullable=True),
        sa.Column("payment_intent", sa.String(length=120), nullable=True),
        sa.Column("charge_id", sa.String(length=120), nullable=True),
        sa.Column("offered", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=True),
        sa.Column("mandate", sa.String(length=120), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_checkout_payment_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkout_payment")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_checkout_payment_idempotency_key")),
        sa.UniqueConstraint("payment_intent", name=op.f("uq_checkout_payment_payment_intent")),
        sa.UniqueConstraint("ref", name=op.f("uq_checkout_payment_ref")),
        sa.UniqueConstraint("session_id", name=op.f("uq_checkout_payment_session_id")),
    )
    op.create_index(op.f("ix_checkout_payment_charge_id"), "checkout_payment", ["charge_id"], unique=False)
    op.create_index(op.f("ix_checkout_payment_invoice_id"), "checkout_payment", ["invoice_id"], unique=False)
    op.create_index(
        "uq_checkout_payment_live",
        "checkout_payment",
        ["invoice_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('creating', 'open', 'processing')"),
    )
    op.create_table(
        "contribution_share",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_contribution_share_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_share")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_contribution_share_invoice_id")),
    )
    op.create_table(
        "dunning_pause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("dispute", "promise", name="pausekind_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(length=160), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(length=160), nullable=True),
        sa.Column("closed_why", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(kind = 'promise') = (until IS NOT NULL)", name=op.f("ck_dunning_pause_promise_dated")),
        sa.CheckConstraint("kind = 'promise' OR reason <> ''", name=op.f("ck_dunning_pause_dispute_told")),
        sa.CheckConstraint("(closed_on IS NULL) = (closed_by IS NULL)", name=op.f("ck_dunning_pause_closing_whole")),
        sa.CheckConstraint("until IS NULL OR until >= opened_on", name=op.f("ck_dunning_pause_promise_ahead")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_dunning_pause_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_pause")),
        sa.UniqueConstraint("ref", name=op.f("uq_dunning_pause_ref")),
    )
    op.create_index(op.f("ix_dunning_pause_invoice_id"), "dunning_pause", ["invoice_id"], unique=False)
    op.create_index(
        "uq_dunning_pause_open",
        "dunning_pause",
        ["invoice_id", "kind"],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_table(
        "interest_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("claimed", "waived", name="outcome_known", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("days", postgresql.DATERANGE(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("indemnity", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.String(length=160), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("invoice_id"), "="), (sa.column("days"), "&&"), using="gist", name="ex_interest_decision_days"
        ),
        sa.CheckConstraint(
            "(outcome = 'claimed') = (claim_id IS NOT NULL)", name=op.f("ck_interest_decision_claim_told")
        ),
        sa.CheckConstraint("outcome = 'claimed' OR reason <> ''", name=op.f("ck_interest_decision_waiver_told")),
        sa.CheckConstraint(
            "interest >= 0 AND indemnity >= 0 AND interest + indemnity > 0",
            name=op.f("ck_interest_decision_something_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["invoice.id"], name=op.f("fk_interest_decision_claim_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_interest_decision_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest_decision")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_interest_decision_claim_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_interest_decision_ref")),
    )
    op.create_index(op.f("ix_interest_decision_invoice_id"), "interest_decision", ["invoice_id"], unique=False)
    op.create_index(
        "uq_interest_decision_indemnity",
        "interest_decision",
        ["invoice_id"],
        unique=True,
        postgresql_where=sa.text("indemnity > 0"),
    )
    op.create_table(
        "invoice_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("pdf_id", sa.BigInteger(), nullable=False),
        sa.Column("xml_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_file_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pdf_id"], ["stored_file.id"], name=op.f("fk_invoice_file_pdf_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["xml_id"], ["stored_file.id"], name=op.f("fk_invoice_file_xml_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_file")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_invoice_file_invoice_id")),
    )
    op.create_index(op.f("ix_invoice_file_pdf_id"), "invoice_file", ["pdf_id"], unique=False)
    op.create_index(op.f("ix_invoice_file_xml_id"), "invoice_file", ["xml_id"], unique=False)
    op.create_table(
        "quote_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("quote_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "sent",
                "accepted",
                "refused",
                "expired",
                "superseded",
                name="quotestate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_quote_version_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quote.id"], name=op.f("fk_quote_version_quote_id_quote"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_version")),
        sa.UniqueConstraint("quote_id", "number", name=op.f("uq_quote_version_quote_id_number")),
    )
    op.create_index(op.f("ix_quote_version_file_id"), "quote_version", ["file_id"], unique=False)
    op.create_index(
        "uq_quote_version_live",
        "quote_version",
        ["quote_id"],
        unique=True,
        postgresql_where="state IN ('sent', 'accepted')",
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "friendly",
                "reminder",
                "formal",
                "recovery",
                name="step_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("letter_id", sa.BigInteger(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("interest", sa.BigInteger(), nullable=False),
        sa.Column("indemnity", sa.BigInteger(), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "amicable",
                "ordered_payment",
                "judge",
                name="recovery_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("taken_by", sa.String(length=160), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(step = 'recovery') = (letter_id IS NULL)", name=op.f("ck_reminder_letter_told")),
        sa.CheckConstraint("(step = 'recovery') = (route IS NOT NULL)", name=op.f("ck_reminder_route_told")),
        sa.CheckConstraint("balance > 0 AND interest >= 0 AND indemnity >= 0", name=op.f("ck_reminder_something_owed")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_reminder_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["dunning_letter.id"], name=op.f("fk_reminder_letter_id_dunning_letter"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_letter_id"), "reminder", ["letter_id"], unique=False)
    op.create_index("uq_reminder_invoice_step", "reminder", ["invoice_id", "step"], unique=True)
    op.create_table(
        "service_done",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "confirmed",
                "corrected",
                "disputed",
                "tacit",
                name="serviceanswer_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=400), nullable=False),
        sa.Column("by_label", sa.String(length=160), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_service_done_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["demand_session.id"],
            name=op.f("fk_service_done_session_id_demand_session"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_done")),
        sa.UniqueConstraint("ref", name=op.f("uq_service_done_ref")),
        sa.UniqueConstraint("session_id", name=op.f("uq_service_done_session_id")),
    )
    op.create_index(op.f("ix_service_done_account_id"), "service_done", ["account_id"], unique=False)
    op.create_table(
        "settlement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "transfer",
                "stripe",
                "credit_note",
                "refund",
                "reversal",
                "moved_out",
                "moved_in",
                "stripe_refund",
                "stripe_refund_failed",
                "disputed",
                "dispute_won",
                name="settlementkind_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("credit_note_id", sa.BigInteger(), nullable=True),
        sa.Column("counterpart_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("dedup_key", sa.String(length=160), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=160), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('reversal', 'moved_in')) = (counterpart_id IS NOT NULL)",
            name=op.f("ck_settlement_counterpart_told"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('reversal', 'moved_out', 'moved_in') OR reason <> ''", name=op.f("ck_settlement_reason_told")
        ),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_settlement_not_zero")),
        sa.ForeignKeyConstraint(
            ["counterpart_id"],
            ["settlement.id"],
            name=op.f("fk_settlement_counterpart_id_settlement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credit_note_id"], ["invoice.id"], name=op.f("fk_settlement_credit_note_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_settlement_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("counterpart_id", name=op.f("uq_settlement_counterpart_id")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_settlement_dedup_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_settlement_ref")),
    )
    op.create_index(op.f("ix_settlement_credit_note_id"), "settlement", ["credit_note_id"], unique=False)
    op.create_index(op.f("ix_settlement_invoice_id"), "settlement", ["invoice_id"], unique=False)
    op.create_table(
        "transmission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "email",
                "chorus_pro",
                "platform",
                "chorus_deposit",
                name="channel_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("copy", sa.Boolean(), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("service_code", sa.String(length=40), nullable=True),
        sa.Column("engagement", sa.String(length=50), nullable=True),
        sa.Column("electronic_address", sa.String(length=125), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remote_ref", sa.String(length=120), nullable=True),
        sa.Column("document_ref", sa.String(length=120), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "sent_at IS NULL OR channel = 'chorus_deposit' OR remote_ref IS NOT NULL",
            name=op.f("ck_transmission_sent_known"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_transmission_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["transmission.id"],
            name=op.f("fk_transmission_previous_id_transmission"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transmission")),
        sa.UniqueConstraint("ref", name=op.f("uq_transmission_ref")),
    )
    op.create_index(op.f("ix_transmission_invoice_id"), "transmission", ["invoice_id"], unique=False)
    op.create_index(
        "ix_transmission_look",
        "transmission",
        ["look_at"],
        unique=False,
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_transmission_previous_id"), "transmission", ["previous_id"], unique=False)
    op.create_index(
        "uq_transmission_live",
        "transmission",
        ["invoice_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND channel IN ('chorus_pro', 'platform')"),
    )
    op.create_table(
        "vat_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("regime", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=2), nullable=False),
        sa.Column("rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("vatex", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_vat_line_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vat_line")),
    )
    op.create_index(op.f("ix_vat_line_invoice_id"), "vat_line", ["invoice_id"], unique=False)
    op.create_table(
        "acceptance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("function", sa.String(length=120), nullable=False),
        sa.Column("statement", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("paper_file_id", sa.BigInteger(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.String(length=160), nullable=True),
        sa.CheckConstraint(
            "(paper_file_id IS NULL) = (signed_on IS NULL) AND (paper_file_id IS NULL) = (recorded_by IS NULL)",
            name=op.f("ck_acceptance_paper_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_acceptance_account_id_account"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["paper_file_id"],
            ["stored_file.id"],
            name=op.f("fk_acceptance_paper_file_id_stored_file"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["quote_version.id"],
            name=op.f("fk_acceptance_version_id_quote_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint("version_id", name=op.f("uq_acceptance_version_id")),
    )
    op.create_index(op.f("ix_acceptance_account_id"), "acceptance", ["account_id"], unique=False)
    op.create_index(op.f("ix_acceptance_paper_file_id"), "acceptance", ["paper_file_id"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("peer_id"), "="),
            (sa.column("during"), "&&"),
            where=sa.text("active"),
            using="gist",
            name="ex_booking_peer_during",
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_booking_assignment_id_assignment"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_booking_peer_id_peer"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["demand_session.id"],
            name=op.f("fk_booking_session_id_demand_session"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("assignment_id", "session_id", name=op.f("uq_booking_assignment_id_session_id")),
    )
    op.create_index("ix_booking_peer_active", "booking", ["peer_id"], unique=False, postgresql_where=sa.text("active"))
    op.create_index(op.f("ix_booking_session_id"), "booking", ["session_id"], unique=False)
    op.create_table(
        "invoice_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("transmission_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "house",
                "office",
                "mail",
                "chorus_pro",
                "platform",
                name="eventsource_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("reason_text", sa.String(length=500), nullable=False),
        sa.Column("amounts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dedup_key", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "code <> 212 OR source <> 'house' OR amounts IS NOT NULL", name=op.f("ck_invoice_event_collected_amounts")
        ),
        sa.CheckConstraint("code BETWEEN 100 AND 999", name=op.f("ck_invoice_event_three_digits")),
        sa.CheckConstraint(
            "code NOT IN (206, 207, 208, 210, 213, 501) OR reason_code IS NOT NULL",
            name=op.f("ck_invoice_event_reason_compulsory"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_event_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["transmission_id"],
            ["transmission.id"],
            name=op.f("fk_invoice_event_transmission_id_transmission"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_event")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_invoice_event_dedup_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_invoice_event_ref")),
    )
    op.create_index(op.f("ix_invoice_event_invoice_id"), "invoice_event", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_invoice_event_transmission_id"), "invoice_event", ["transmission_id"], unique=False)
    op.create_table(
        "invoice_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("unit_cents", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat_regime", sa.String(length=40), nullable=False),
        sa.Column("vat_category", sa.String(length=2), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=True),
        sa.Column("session_date", sa.Date(), nullable=True),
        sa.Column("axes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("account", sa.String(length=10), nullable=True),
        sa.Column("credited_id", sa.BigInteger(), nullable=True),
        sa.Column("deducts_id", sa.BigInteger(), nullable=True),
        sa.Column("cancellation_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cancellation_id"],
            ["late_cancellation.id"],
            name=op.f("fk_invoice_line_cancellation_id_late_cancellation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["credited_id"],
            ["invoice_line.id"],
            name=op.f("fk_invoice_line_credited_id_invoice_line"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["deducts_id"],
            ["invoice_line.id"],
            name=op.f("fk_invoice_line_deducts_id_invoice_line"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_line_invoice_id_invoice"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service_done.id"],
            name=op.f("fk_invoice_line_service_id_service_done"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_invoice_line_invoice_id_position")),
    )
    op.create_index(op.f("ix_invoice_line_cancellation_id"), "invoice_line", ["cancellation_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_credited_id"), "invoice_line", ["credited_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_deducts_id"), "invoice_line", ["deducts_id"], unique=False)
    op.create_index(op.f("ix_invoice_line_service_id"), "invoice_line", ["service_id"], unique=False)
    op.create_table(
        "line_settlement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["statement_line.id"],
            name=op.f("fk_line_settlement_line_id_statement_line"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"],
            ["settlement.id"],
            name=op.f("fk_line_settlement_settlement_id_settlement"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_settlement")),
        sa.UniqueConstraint("settlement_id", name=op.f("uq_line_settlement_settlement_id")),
    )
    op.create_index(op.f("ix_line_settlement_line_id"), "line_settlement", ["line_id"], unique=False)
    op.create_table(
        "mission_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_mission_order_assignment_id_assignment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_mission_order_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mission_order")),
        sa.UniqueConstraint("assignment_id", name=op.f("uq_mission_order_assignment_id")),
        sa.UniqueConstraint("number", name=op.f("uq_mission_order_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_mission_order_ref")),
    )
    op.create_index(op.f("ix_mission_order_file_id"), "mission_order", ["file_id"], unique=False)
    op.create_table(
        "plan_movable",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignment.id"],
            name=op.f("fk_plan_movable_assignment_id_assignment"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_movable_plan_id_plan"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_movable")),
        sa.UniqueConstraint("plan_id", "assignment_id", name=op.f("uq_plan_movable_plan_id_assignment_id")),
    )
    op.create_index(op.f("ix_plan_movable_assignment_id"), "plan_movable", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_plan_movable_plan_id"), "plan_movable", ["plan_id"], unique=False)
    op.create_table(
        "plan_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "sent",
                "asked",
                "gone",
                name="proposalstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("km", sa.Integer(), nullable=True),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("gain", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("offer_ref", sa.String(length=16), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (offer_ref IS NOT NULL)", name=op.f("ck_plan_proposal_offer_when_sent")),
        sa.CheckConstraint("(replaces_id IS NULL) = (gain IS NULL)", name=op.f("ck_plan_proposal_gain_of_a_move")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["plan_demand.id"], name=op.f("fk_plan_proposal_line_id_plan_demand"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_plan_proposal_peer_id_peer"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["assignment.id"],
            name=op.f("fk_plan_proposal_replaces_id_assignment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_proposal")),
        sa.UniqueConstraint("line_id", "peer_id", name=op.f("uq_plan_proposal_line_id_peer_id")),
    )
    op.create_index(op.f("ix_plan_proposal_line_id"), "plan_proposal", ["line_id"], unique=False)
    op.create_index(op.f("ix_plan_proposal_peer_id"), "plan_proposal", ["peer_id"], unique=False)
    op.create_index(op.f("ix_plan_proposal_replaces_id"), "plan_proposal", ["replaces_id"], unique=False)
    op.create_table(
        "quote_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("unit_cents", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("vat_regime", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["quote_version.id"],
            name=op.f("fk_quote_line_version_id_quote_version"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_quote_line_version_id_position")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "confirmed",
                "disputed",
                "corrected",
                name="reportstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("did_something_else", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column(
            "handover",
            sa.Enum(
                "to_referent",
                "in_own_tab",
                "nothing",
                name="handover_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("headcount IS NULL OR headcount >= 0", name=op.f("ck_report_headcount_positive")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_report_assignment_id_assignment"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["demand_session.id"], name=op.f("fk_report_session_id_demand_session"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("ref", name=op.f("uq_report_ref")),
        sa.UniqueConstraint("session_id", "assignment_id", name=op.f("uq_report_session_id_assignment_id")),
    )
    op.create_index(op.f("ix_report_assignment_id"), "report", ["assignment_id"], unique=False)
    op.create_table(
        "stripe_dispute",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("dispute_id", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "warned",
                "opened",
                "answered",
                "closed",
                "lost",
                "won",
                name="disputestate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["checkout_payment.id"],
            name=op.f("fk_stripe_dispute_payment_id_checkout_payment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_dispute")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_stripe_dispute_dispute_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_stripe_dispute_ref")),
    )
    op.create_index(op.f("ix_stripe_dispute_payment_id"), "stripe_dispute", ["payment_id"], unique=False)
    op.create_table(
        "stripe_refund",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "origin",
            sa.Enum(
                "office", "stripe", name="refundorigin_known", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "refused",
                "asked",
                "pending",
                "done",
                "failed",
                name="refundstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("refund_id", sa.String(length=120), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("prepared_by", sa.String(length=80), nullable=False),
        sa.Column("prepared_label", sa.String(length=160), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "origin = 'office' OR refund_id IS NOT NULL", name=op.f("ck_stripe_refund_learnt_from_stripe")
        ),
        sa.CheckConstraint("origin = 'stripe' OR reason <> ''", name=op.f("ck_stripe_refund_reason_told")),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> prepared_by", name=op.f("ck_stripe_refund_two_people")
        ),
        sa.CheckConstraint("cents > 0", name=op.f("ck_stripe_refund_positive")),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["checkout_payment.id"],
            name=op.f("fk_stripe_refund_payment_id_checkout_payment"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_refund")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_stripe_refund_idempotency_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_stripe_refund_ref")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_stripe_refund_refund_id")),
    )
    op.create_index(op.f("ix_stripe_refund_payment_id"), "stripe_refund", ["payment_id"], unique=False)
    op.create_table(
        "transmission_piece",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("transmission_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=160), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_transmission_piece_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["transmission_id"],
            ["transmission.id"],
            name=op.f("fk_transmission_piece_transmission_id_transmission"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transmission_piece")),
    )
    op.create_index(op.f("ix_transmission_piece_file_id"), "transmission_piece", ["file_id"], unique=False)
    op.create_index(
        op.f("ix_transmission_piece_transmission_id"), "transmission_piece", ["transmission_id"], unique=False
    )
    op.create_table(
        "billed_service",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=True),
        sa.Column("cancellation_id", sa.BigInteger(), nullable=True),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("num_nonnulls(service_id, cancellation_id) = 1", name=op.f("ck_billed_service_one_source")),
        sa.ForeignKeyConstraint(
            ["cancellation_id"],
            ["late_cancellation.id"],
            name=op.f("fk_billed_service_cancellation_id_late_cancellation"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["invoice_line.id"], name=op.f("fk_billed_service_line_id_invoice_line"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service_done.id"],
            name=op.f("fk_billed_service_service_id_service_done"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billed_service")),
    )
    op.create_index(op.f("ix_billed_service_line_id"), "billed_service", ["line_id"], unique=False)
    op.create_index(
        "uq_billed_cancellation_live",
        "billed_service",
        ["cancellation_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_index(
        "uq_billed_service_live",
        "billed_service",
        ["service_id"],
        unique=True,
        postgresql_where=sa.text("released_at IS NULL"),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "agreed",
                "kept",
                "done",
                "lapsed",
                name="handoverstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_handover_assignment_id_assignment"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_handover_peer_id_peer"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["plan_proposal.id"],
            name=op.f("fk_handover_proposal_id_plan_proposal"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_handover_proposal_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_handover_ref")),
    )
    op.create_index(op.f("ix_handover_assignment_id"), "handover", ["assignment_id"], unique=False)
    op.create_index(op.f("ix_handover_peer_id"), "handover", ["peer_id"], unique=False)
    op.create_index(
        "uq_handover_live_assignment",
        "handover",
        ["assignment_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'agreed')"),
    )
    op.create_table(
        "on_site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("here_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("back_at IS NULL OR back_at >= here_at", name=op.f("ck_on_site_back_after")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_on_site_booking_id_booking"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_site")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_on_site_booking_id")),
    )
    op.create_table(
        "report_activity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("activity", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_report_activity_minutes_positive")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_report_activity_report_id_report"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_activity")),
        sa.UniqueConstraint("report_id", "activity", name=op.f("uq_report_activity_report_id_activity")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("demand_id", sa.BigInteger(), nullable=False),
        sa.Column("peer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent",
                "accepted",
                "declined",
                "expired",
                "withdrawn",
                "superseded",
                name="offerstate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("short_notice_agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignment_id", sa.BigInteger(), nullable=True),
        sa.Column("handover_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_offer_assignment_id_assignment"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["demand_id"], ["demand.id"], name=op.f("fk_offer_demand_id_demand"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_offer_handover_id_handover"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_offer_peer_id_peer"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("ref", name=op.f("uq_offer_ref")),
    )
    op.create_index(op.f("ix_offer_assignment_id"), "offer", ["assignment_id"], unique=False)
    op.create_index(
        "ix_offer_deadline", "offer", ["deadline"], unique=False, postgresql_where=sa.text("state = 'sent'")
    )
    op.create_index(op.f("ix_offer_demand_id"), "offer", ["demand_id"], unique=False)
    op.create_index(op.f("ix_offer_handover_id"), "offer", ["handover_id"], unique=False)
    op.create_index(op.f("ix_offer_peer_id"), "offer", ["peer_id"], unique=False)
    op.create_index(
        "uq_offer_open_demand_peer",
        "offer",
        ["demand_id", "peer_id"],
        unique=True,
        postgresql_where=sa.text("state = 'sent'"),
    )
    op.create_table(
        "other_time",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "suggested",
                "asked",
                "agreed",
                "kept",
                "thanked",
                name="othertimestate_known",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=160), nullable=False),
        sa.CheckConstraint("(day IS NULL) <> (weekday IS NULL)", name=op.f("ck_other_time_one_shape")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_other_time_weekday_known")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offer.id"], name=op.f("fk_other_time_offer_id_offer"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_time")),
        sa.UniqueConstraint("ref", name=op.f("uq_other_time_ref")),
    )
    op.create_index(op.f("ix_other_time_offer_id"), "other_time", ["offer_id"], unique=False)
    op.create_index(
        "uq_other_time_live_offer",
        "other_time",
        ["offer_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('suggested', 'asked')"),
    )
    for statement in GUARDS.read_text(encoding="utf-8").split("\n-- next\n"):
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Forget everything."""
    op.drop_index(
        "uq_other_time_live_offer", table_name="other_time", postgresql_where=sa.text("state IN ('suggested', 'asked')")
    )
    op.drop_index(op.f("ix_other_time_offer_id"), table_name="other_time")
    op.drop_table("other_time")
    op.drop_index("uq_offer_open_demand_peer", table_name="offer", postgresql_where=sa.text("state = 'sent'"))
    op.drop_index(op.f("ix_offer_peer_id"), table_name="offer")
    op.drop_index(op.f("ix_offer_handover_id"), table_name="offer")
    op.drop_index(op.f("ix_offer_demand_id"), table_name="offer")
    op.drop_index("ix_offer_deadline", table_name="offer", postgresql_where=sa.text("state = 'sent'"))
    op.drop_index(op.f("ix_offer_assignment_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_table("report_activity")
    op.drop_table("on_site")
    op.drop_index(
        "uq_handover_live_assignment", table_name="handover", postgresql_where=sa.text("state IN ('asked', 'agreed')")
    )
    op.drop_index(op.f("ix_handover_peer_id"), table_name="handover")
    op.drop_index(op.f("ix_handover_assignment_id"), table_name="handover")
    op.drop_table("handover")
    op.drop_index(
        "uq_billed_service_live", table_name="billed_service", postgresql_where=sa.text("released_at IS NULL")
    )
    op.drop_index(
        "uq_billed_cancellation_live", table_name="billed_service", postgresql_where=sa.text("released_at IS NULL")
    )
    op.drop_index(op.f("ix_billed_service_line_id"), table_name="billed_service")
    op.drop_table("billed_service")
    op.drop_index(op.f("ix_transmission_piece_transmission_id"), table_name="transmission_piece")
    op.drop_index(op.f("ix_transmission_piece_file_id"), table_name="transmission_piece")
    op.drop_table("transmission_piece")
    op.drop_index(op.f("ix_stripe_refund_payment_id"), table_name="stripe_refund")
    op.drop_table("stripe_refund")
    op.drop_index(op.f("ix_stripe_dispute_payment_id"), table_name="stripe_dispute")
    op.drop_table("stripe_dispute")
    op.drop_index(op.f("ix_report_assignment_id"), table_name="report")
    op.drop_table("report")
    op.drop_table("quote_line")
    op.drop_index(op.f("ix_plan_proposal_replaces_id"), table_name="plan_proposal")
    op.drop_index(op.f("ix_plan_proposal_peer_id"), table_name="plan_proposal")
    op.drop_index(op.f("ix_plan_proposal_line_id"), table_name="plan_proposal")
    op.drop_table("plan_proposal")
    op.drop_index(op.f("ix_plan_movable_plan_id"), table_name="plan_movable")
    op.drop_index(op.f("ix_plan_movable_assignment_id"), table_name="plan_movable")
    op.drop_table("plan_movable")
    op.drop_index(op.f("ix_mission_order_file_id"), table_name="mission_order")
    op.drop_table("mission_order")
    op.drop_index(op.f("ix_line_settlement_line_id"), table_name="line_settlement")
    op.drop_table("line_settlement")
    op.drop_index(op.f("ix_invoice_line_service_id"), table_name="invoice_line")
    op.drop_index(op.f("ix_invoice_line_deducts_id"), table_name="invoice_line")
    op.drop_index(op.f("ix_invoice_line_credited_id"), table_name="invoice_line")
    op.drop_index(op.f("ix_invoice_line_cancellation_id"), table_name="invoice_line")
    op.drop_table("invoice_line")
    op.drop_index(op.f("ix_invoice_event_transmission_id"), table_name="invoice_event")
    op.drop_index(op.f("ix_invoice_event_invoice_id"), table_name="invoice_event")
    op.drop_table("invoice_event")
    op.drop_index(op.f("ix_booking_session_id"), table_name="booking")
    op.drop_index("ix_booking_peer_active", table_name="booking", postgresql_where=sa.text("active"))
    op.drop_table("booking")
    op.drop_index(op.f("ix_acceptance_paper_file_id"), table_name="acceptance")
    op.drop_index(op.f("ix_acceptance_account_id"), table_name="acceptance")
    op.drop_table("acceptance")
    op.drop_index(op.f("ix_vat_line_invoice_id"), table_name="vat_line")
    op.drop_table("vat_line")
    op.drop_index(
        "uq_transmission_live",
        table_name="transmission",
        postgresql_where=sa.text("closed_at IS NULL AND channel IN ('chorus_pro', 'platform')"),
    )
    op.drop_index(op.f("ix_transmission_previous_id"), table_name="transmission")
    op.drop_index("ix_transmission_look", table_name="transmission", postgresql_where=sa.text("look_at IS NOT NULL"))
    op.drop_index(op.f("ix_transmission_invoice_id"), table_name="transmission")
    op.drop_table("transmission")
    op.drop_index(op.f("ix_settlement_invoice_id"), table_name="settlement")
    op.drop_index(op.f("ix_settlement_credit_note_id"), table_name="settlement")
    op.drop_table("settlement")
    op.drop_index(op.f("ix_service_done_account_id"), table_name="service_done")
    op.drop_table("service_done")
    op.drop_index("uq_reminder_invoice_step", table_name="reminder")
    op.drop_index(op.f("ix_reminder_letter_id"), table_name="reminder")
    op.drop_table("reminder")
    op.drop_index("uq_quote_version_live", table_name="quote_version", postgresql_where="state IN ('sent', 'accepted')")
    op.drop_index(op.f("ix_quote_version_file_id"), table_name="quote_version")
    op.drop_table("quote_version")
    op.drop_index(op.f("ix_invoice_file_xml_id"), table_name="invoice_file")
    op.drop_index(op.f("ix_invoice_file_pdf_id"), table_name="invoice_file")
    op.drop_table("invoice_file")
    op.drop_index(
        "uq_interest_decision_indemnity", table_name="interest_decision", postgresql_where=sa.text("indemnity > 0")
    )
    op.drop_index(op.f("ix_interest_decision_invoice_id"), table_name="interest_decision")
    op.drop_table("interest_decision")
    op.drop_index("uq_dunning_pause_open", table_name="dunning_pause", postgresql_where=sa.text("closed_on IS NULL"))
    op.drop_index(op.f("ix_dunning_pause_invoice_id"), table_name="dunning_pause")
    op.drop_table("dunning_pause")
    op.drop_table("contribution_share")
    op.drop_index(
        "uq_checkout_payment_live",
        table_name="checkout_payment",
        postgresql_where=sa.text("state IN ('creating', 'open', 'processing')"),
    )
    op.drop_index(op.f("ix_checkout_payment_invoice_id"), table_name="checkout_payment")
    op.drop_index(op.f("ix_checkout_payment_charge_id"), table_name="checkout_payment")
    op.drop_table("checkout_payment")
    op.drop_index("uq_assignment_live_seat", table_name="assignment", postgresql_where=sa.text("state = 'confirmed'"))
    op.drop_index(
        "uq_assignment_live_demand_peer", table_name="assignment", postgresql_where=sa.text("state = 'confirmed'")
    )
    op.drop_index(op.f("ix_assignment_seat_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_peer_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_demand_id"), table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_seat_demand_id"), table_name="seat")
    op.drop_table("seat")
    op.drop_table("quote")
    op.drop_index(op.f("ix_plan_demand_plan_id"), table_name="plan_demand")
    op.drop_index(op.f("ix_plan_demand_demand_id"), table_name="plan_demand")
    op.drop_table("plan_demand")
    op.drop_index(op.f("ix_line_axis_axis_value_id"), table_name="line_axis")
    op.drop_table("line_axis")
    op.drop_index(op.f("ix_late_cancellation_agreement_id"), table_name="late_cancellation")
    op.drop_table("late_cancellation")
    op.drop_index("ix_invoice_partner_state", table_name="invoice")
    op.drop_index(op.f("ix_invoice_interest_of_id"), table_name="invoice")
    op.drop_index(op.f("ix_invoice_demand_id"), table_name="invoice")
    op.drop_index(op.f("ix_invoice_corrected_id"), table_name="invoice")
    op.drop_table("invoice")
    op.drop_table("engagement")
    op.drop_index("ix_demand_session_during", table_name="demand_session", postgresql_using="gist")
    op.drop_index(op.f("ix_demand_session_demand_id"), table_name="demand_session")
    op.drop_table("demand_session")
    op.drop_index(op.f("ix_coverage_finding_demand_id"), table_name="coverage_finding")
    op.drop_table("coverage_finding")
    op.drop_index(op.f("ix_agreement_draw_agreement_id"), table_name="agreement_draw")
    op.drop_table("agreement_draw")
    op.drop_index(op.f("ix_training_days_peer_id"), table_name="training_days")
    op.drop_table("training_days")
    op.drop_index(op.f("ix_support_peer_id"), table_name="support")
    op.drop_table("support")
    op.drop_index("uq_stripe_payout_line", table_name="stripe_payout", postgresql_where=sa.text("line_id IS NOT NULL"))
    op.drop_table("stripe_payout")
    op.drop_table("site_card")
    op.drop_index(op.f("ix_refused_colleague_peer_id"), table_name="refused_colleague")
    op.drop_index(op.f("ix_refused_colleague_other_id"), table_name="refused_colleague")
    op.drop_table("refused_colleague")
    op.drop_index(op.f("ix_referent_site_id"), table_name="referent")
    op.drop_index(op.f("ix_referent_account_id"), table_name="referent")
    op.drop_table("referent")
    op.drop_index(op.f("ix_qualification_peer_id"), table_name="qualification")
    op.drop_index("ix_qualification_kind", table_name="qualification")
    op.drop_index(op.f("ix_qualification_file_id"), table_name="qualification")
    op.drop_table("qualification")
    op.drop_index(op.f("ix_plan_hours_plan_id"), table_name="plan_hours")
    op.drop_index(op.f("ix_plan_hours_peer_id"), table_name="plan_hours")
    op.drop_table("plan_hours")
    op.drop_index(op.f("ix_peer_theme_peer_id"), table_name="peer_theme")
    op.drop_table("peer_theme")
    op.drop_index(op.f("ix_peer_language_peer_id"), table_name="peer_language")
    op.drop_table("peer_language")
    op.drop_index(op.f("ix_pause_peer_id"), table_name="pause")
    op.drop_table("pause")
    op.drop_index(op.f("ix_learning_peer_id"), table_name="learning")
    op.drop_table("learning")
    op.drop_index("uq_exclusion_peer_place", table_name="exclusion")
    op.drop_index(op.f("ix_exclusion_site_id"), table_name="exclusion")
    op.drop_index(op.f("ix_exclusion_peer_id"), table_name="exclusion")
    op.drop_index(op.f("ix_exclusion_partner_id"), table_name="exclusion")
    op.drop_table("exclusion")
    op.drop_index(
        "ix_entry_line_third_party",
        table_name="entry_line",
        postgresql_include=["debit", "credit", "carried"],
        postgresql_where=sa.text("aux_code IS NOT NULL"),
    )
    op.drop_index(
        "ix_entry_line_open",
        table_name="entry_line",
        postgresql_where=sa.text("aux_code IS NOT NULL AND lettering_id IS NULL AND NOT carried"),
    )
    op.drop_index(op.f("ix_entry_line_lettering_id"), table_name="entry_line")
    op.drop_index(op.f("ix_entry_line_entry_id"), table_name="entry_line")
    op.drop_index(
        "ix_entry_line_account_day", table_name="entry_line", postgresql_include=["debit", "credit", "carried"]
    )
    op.drop_table("entry_line")
    op.drop_index("ix_demand_state", table_name="demand")
    op.drop_index(op.f("ix_demand_site_id"), table_name="demand")
    op.drop_index(op.f("ix_demand_signatory_id"), table_name="demand")
    op.drop_index(op.f("ix_demand_requester_id"), table_name="demand")
    op.drop_index(op.f("ix_demand_partner_id"), table_name="demand")
    op.drop_index(op.f("ix_demand_offering_id"), table_name="demand")
    op.drop_index(op.f("ix_demand_commune_insee"), table_name="demand")
    op.drop_table("demand")
    op.drop_index(op.f("ix_clearance_peer_id"), table_name="clearance")
    op.drop_table("clearance")
    op.drop_table("books_form")
    op.drop_index(op.f("ix_availability_peer_id"), table_name="availability")
    op.drop_table("availability")
    op.drop_index(op.f("ix_agreement_price_offering_id"), table_name="agreement_price")
    op.drop_table("agreement_price")
    op.drop_table("agreement_engagement")
    op.drop_index(op.f("ix_absence_peer_id"), table_name="absence")
    op.drop_table("absence")
    op.drop_index(op.f("ix_web_session_account_id"), table_name="web_session")
    op.drop_table("web_session")
    op.drop_index("ix_statement_line_statement", table_name="statement_line")
    op.drop_index("ix_statement_line_iban", table_name="statement_line")
    op.drop_table("statement_line")
    op.drop_index("uq_site_finess", table_name="site", postgresql_where=sa.text("finess IS NOT NULL"))
    op.drop_index(op.f("ix_site_partner_id"), table_name="site")
    op.drop_index(op.f("ix_site_commune_insee"), table_name="site")
    op.drop_table("site")
    op.drop_index(op.f("ix_sent_form_at"), table_name="sent_form")
    op.drop_index("ix_sent_form_account_id_id", table_name="sent_form")
    op.drop_table("sent_form")
    op.drop_index(op.f("ix_price_offering_id"), table_name="price")
    op.drop_table("price")
    op.drop_index("ix_plan_created_at", table_name="plan")
    op.drop_table("plan")
    op.drop_index(op.f("ix_peer_commune_insee"), table_name="peer")
    op.drop_table("peer")
    op.drop_table("payer_channel")
    op.drop_index(op.f("ix_partner_member_partner_id"), table_name="partner_member")
    op.drop_index(op.f("ix_partner_member_account_id"), table_name="partner_member")
    op.drop_table("partner_member")
    op.drop_index(op.f("ix_office_role_account_id"), table_name="office_role")
    op.drop_table("office_role")
    op.drop_index(op.f("ix_offering_qualification_offering_id"), table_name="offering_qualification")
    op.drop_table("offering_qualification")
    op.drop_table("lettering")
    op.drop_index("uq_entry_year_number", table_name="entry", postgresql_where=sa.text("state = 'validated'"))
    op.drop_index(op.f("ix_entry_piece_ref"), table_name="entry")
    op.drop_index("ix_entry_journal_date", table_name="entry")
    op.drop_index(op.f("ix_entry_entry_date"), table_name="entry")
    op.drop_index("ix_entry_draft", table_name="entry", postgresql_where=sa.text("state = 'draft'"))
    op.drop_table("entry")
    op.drop_index("ix_dunning_letter_partner_id", table_name="dunning_letter")
    op.drop_table("dunning_letter")
    op.drop_index(op.f("ix_agreement_signed_file_id"), table_name="agreement")
    op.drop_index(op.f("ix_agreement_partner_id"), table_name="agreement")
    op.drop_index(op.f("ix_agreement_file_id"), table_name="agreement")
    op.drop_table("agreement")
    op.drop_index("ix_action_token_subject", table_name="action_token")
    op.drop_index(op.f("ix_action_token_message_ref"), table_name="action_token")
    op.drop_index(op.f("ix_action_token_account_id"), table_name="action_token")
    op.drop_table("action_token")
    op.drop_index("ix_transition_subject", table_name="transition")
    op.drop_table("transition")
    op.drop_index(op.f("ix_stripe_movement_moved_at"), table_name="stripe_movement")
    op.drop_table("stripe_movement")
    op.drop_table("stripe_event")
    op.drop_table("stripe_check")
    op.drop_table("stripe_booking")
    op.drop_table("stored_file")
    op.drop_table("slot")
    op.drop_index("uq_run_running", table_name="run", postgresql_where=sa.text("state = 'running'"))
    op.drop_index("ix_run_queued", table_name="run", postgresql_where=sa.text("state = 'queued'"))
    op.drop_table("run")
    op.drop_index("uq_partner_finess", table_name="partner", postgresql_where=sa.text("finess IS NOT NULL"))
    op.drop_index(op.f("ix_partner_name"), table_name="partner")
    op.drop_table("partner")
    op.drop_index("ix_outbox_pending", table_name="outbox", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_outbox_done", table_name="outbox", postgresql_where=sa.text("state = 'done'"))
    op.drop_index("ix_outbox_claimed", table_name="outbox", postgresql_where=sa.text("state = 'claimed'"))
    op.drop_table("outbox")
    op.drop_table("offering")
    op.drop_table("number_series")
    op.drop_index("ix_message_subject", table_name="message")
    op.drop_index("ix_message_state", table_name="message")
    op.drop_table("message")
    op.drop_table("matching_purge")
    op.drop_index("ix_matching_change_xid", table_name="matching_change")
    op.drop_table("matching_change")
    op.drop_table("ledger_account")
    op.drop_table("journal")
    op.drop_table("heartbeat")
    op.drop_table("grant_funding")
    op.drop_table("demo_clock")
    op.drop_table("decision")
    op.drop_index("ix_coverage_study_asked_at", table_name="coverage_study")
    op.drop_table("coverage_study")
    op.drop_index(op.f("ix_commune_name"), table_name="commune")
    op.drop_index(op.f("ix_commune_departement"), table_name="commune")
    op.drop_table("commune")
    op.drop_index(op.f("ix_bank_statement_account"), table_name="bank_statement")
    op.drop_table("bank_statement")
    op.drop_table("bank_csv_layout")
    op.drop_table("axis_value")
    op.drop_table("audit_seal")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("association")
    op.drop_table("accounting_year")
    op.drop_index("uq_account_email_lower", table_name="account")
    op.drop_table("account")
    for function in ("guard_insert_only", "guard_sent_quote", "guard_sent_quote_line"):
        op.execute(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
