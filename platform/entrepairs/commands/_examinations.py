"""What the doctor looks at. Each examination gives findings with a French sentence and never raises."""

import importlib.util
import smtplib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import redis
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from entrepairs import redis_urls
from entrepairs.billing.transmission import approved_platform, chorus_pro
from entrepairs.config import NEEDED, NEEDED_IN_PRODUCTION, load_settings, psycopg_url
from entrepairs.outbox.slots import age
from entrepairs.paths import PACKAGE, resource

NETWORK_TIMEOUT: Final = 5
OLDEST_BEAT: Final = timedelta(seconds=90)
SHORTEST_SECRET: Final = 32
OLDEST_POSTGRES: Final = 150000
FROZEN: Final = ("audit_entry", "audit_seal", "transition", "stored_file", "acceptance", "settlement", "invoice_event")
"""Tables the application role may not change."""


class Verdict(StrEnum):
    """How a thing is."""

    WELL = "well"
    WARNING = "warning"
    WRONG = "wrong"


MARKS: Final = {Verdict.WELL: "✓", Verdict.WARNING: "!", Verdict.WRONG: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor."""

    subject: str
    verdict: Verdict
    sentence: str


Settings = Mapping[str, Any]


def examine(variables: Mapping[str, str]) -> list[Finding]:
    """Every finding, in the order a person would look."""
    settings = load_settings(variables.get("ENTREPAIRS_ENV", "production"), variables)
    findings = _settings(settings)
    findings += _database(settings)
    findings += [look(settings) for look in (_redis, _mail, _payers, _fonts, _french)]
    return findings


def _well(subject: str, sentence: str) -> Finding:
    return Finding(subject, Verdict.WELL, sentence)


def _wrong(subject: str, sentence: str) -> Finding:
    return Finding(subject, Verdict.WRONG, sentence)


def _warning(subject: str, sentence: str) -> Finding:
    return Finding(subject, Verdict.WARNING, sentence)


def _settings(settings: Settings) -> list[Finding]:
    production = settings["ENV"] == "production"
    needed = (*NEEDED, *NEEDED_IN_PRODUCTION) if production else NEEDED
    missing = sorted(name for name in needed if not settings.get(name))
    secret = str(settings.get("SECRET_KEY") or "")
    findings = []
    if missing:
        findings.append(_wrong("Réglages", f"Il manque : {', '.join(missing)}."))
    if secret and len(secret) < SHORTEST_SECRET:
        findings.append(_wrong("Secrets", f"SECRET_KEY est trop courte ({len(secret)} caractères, 32 au moins)."))
    if production and settings.get("DEMO"):
        findings.append(_wrong("Secrets", "DEMO est activé en production : les comptes fictifs ouvriraient tout."))
    if production and str(settings.get("STRIPE_SECRET_KEY") or "").startswith("sk_test_"):
        findings.append(_warning("Secrets", "La clé Stripe est une clé de test : aucun vrai paiement."))
    return findings or [_well("Réglages", f"Complets (environnement « {settings['ENV']} »).")]


def _database(settings: Settings) -> list[Finding]:
    if not settings.get("DATABASE_URL"):
        return [_wrong("Base", "DATABASE_URL n'est pas donnée et aucun service local n'a été démarré.")]
    engine = create_engine(
        psycopg_url(settings["DATABASE_URL"]), poolclass=NullPool, connect_args={"connect_timeout": NETWORK_TIMEOUT}
    )
    try:
        with engine.connect() as connection:
            looks: list[Callable[[Connection], Finding]] = [_server, _migrations, _second_net, _beat]
            return [_guarded(look, connection) for look in looks]
    except SQLAlchemyError as error:
        return [_wrong("Base", f"PostgreSQL ne répond pas : {_first_line(error)}")]
    finally:
        engine.dispose()


def _guarded(look: Callable[[Connection], Finding], connection: Connection) -> Finding:
    """One look in its own savepoint: a missing table must not hide the next looks."""
    try:
        with connection.begin_nested():
            return look(connection)
    except SQLAlchemyError as error:
        return _wrong("Base", f"Lecture impossible : {_first_line(error)}")


def _server(connection: Connection) -> Finding:
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    version = connection.execute(text("SHOW server_version")).scalar_one()
    if number < OLDEST_POSTGRES:
        return _wrong("Base", f"PostgreSQL {version} est trop ancien : 15 au moins.")
    return _well("Base", f"PostgreSQL {version} répond.")


def _migrations(connection: Connection) -> Finding:
    head = ScriptDirectory(str(resource("migrations"))).get_current_head()
    current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        return _wrong(
            "Migrations", f"La base est à {current or 'zéro'}, le code attend {head} : « entrepairs migrate »."
        )
    return _well("Migrations", f"La base est à jour ({head}).")


def _second_net(connection: Connection) -> Finding:
    """Beside the triggers, the application's role should not have the right to change what is frozen."""
    rights = text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = current_schema() AND c.relname = ANY(:names) "
        "AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')"
    )
    open_tables = connection.execute(rights, {"names": list(FROZEN)}).scalars().all()
    if open_tables:
        return _warning(
            "Second filet",
            f"Le compte de la base peut modifier {', '.join(sorted(open_tables))} : donnez à l'application un compte "
            "sans ce droit (DATABASE_URL) et gardez le propriétaire pour MIGRATION_DATABASE_URL.",
        )
    return _well("Second filet", "L'application n'a pas le droit de changer ce qui est figé.")


def _beat(connection: Connection) -> Finding:
    with Session(connection) as session:
        since = age(session, "beat", real_now=datetime.now(UTC))
    if since is None:
        return _wrong("Cadence", "Aucun battement reçu : l'exécutant (worker) ou la cadence (beat) n'a jamais tourné.")
    seconds = int(since.total_seconds())
    if since > OLDEST_BEAT:
        return _wrong("Cadence", f"Dernier battement il y a {seconds} s : relancez l'exécutant et la cadence.")
    return _well("Cadence", f"Dernier battement il y a {seconds} s.")


def _redis(settings: Settings) -> Finding:
    if not settings.get("REDIS_URL"):
        return _wrong("File", "REDIS_URL n'est pas donnée.")
    address = redis_urls.for_redis_py(settings["REDIS_URL"])
    try:
        with redis.Redis.from_url(
            address, socket_connect_timeout=NETWORK_TIMEOUT, socket_timeout=NETWORK_TIMEOUT
        ) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        return _wrong("File", f"Valkey (ou Redis) ne répond pas : {_first_line(error)}")
    return _well("File", "Valkey (ou Redis) répond.")


def _mail(settings: Settings) -> Finding:
    if not settings.get("SMTP_URL"):
        return _wrong("Courrier", "SMTP_URL n'est pas donnée.")
    parts = urlsplit(settings["SMTP_URL"])
    host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with closing(kind(host, parts.port or (465 if secure else 25), timeout=NETWORK_TIMEOUT)) as server:
            if parts.scheme == "smtp+starttls":
                server.starttls()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.noop()
    except (smtplib.SMTPException, OSError) as error:
        return _wrong("Courrier", f"Le serveur de courrier {host} ne répond pas : {_first_line(error)}")
    return _well("Courrier", f"Le serveur {host} répond.")


def _payers(settings: Settings) -> Finding:
    """The accounts by which invoices leave: without them they wait, or are deposited by hand."""
    lacking = [*chorus_pro.missing_settings(settings), *approved_platform.missing_settings(settings)]
    if lacking:
        return _warning("Envois", f"Chorus Pro ou plateforme agréée : il manque {', '.join(lacking)}.")
    if "sandbox" in f"{settings['CHORUS_API_BASE']}{settings['CHORUS_TOKEN_URL']}":
        return _warning("Envois", "Chorus Pro est celui de qualification : aucune facture n'arrive à un payeur.")
    return _well("Envois", "Chorus Pro et la plateforme agréée sont réglés.")


def _fonts(_: Settings) -> Finding:
    spec = importlib.util.find_spec("fontpkg_inter")
    files = Path(spec.origin).parent.rglob("*.[ot]t[fc]") if spec and spec.origin else ()
    if not any(files):
        return _wrong("Polices", "La police des documents manque (paquet fontpkg-inter) : « make env ».")
    return _well("Polices", "La police des documents est là.")


def _french(_: Settings) -> Finding:
    if not list((PACKAGE / "translations").rglob("*.mo")):
        return _wrong("Français", "Le catalogue français n'est pas compilé : « make env ».")
    return _well("Français", "Le catalogue est compilé.")


def _first_line(error: Exception) -> str:
    """What a library says, short and without a password."""
    origin = getattr(error, "orig", None) or error
    return (str(origin).strip().splitlines() or [type(origin).__name__])[0][:200]
