"""A wrong address of a service is one sentence, said before anything starts, without its secret."""

import pytest

from entrepairs.commands._given import ensure_given_addresses
from entrepairs.embedded.errors import EmbeddedError

NAMES = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SMTP_URL")


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("DATABASE_URL", "n'importe quoi"),
        ("DATABASE_URL", "mysql://moi:secret@serveur/base"),
        ("MIGRATION_DATABASE_URL", "postgresql://moi:secret@serveur:port/base"),
        ("REDIS_URL", "http://moi:secret@serveur"),
        ("SMTP_URL", "serveur:25"),
    ],
)
def test_an_address_of_another_kind_is_refused_by_its_name(
    name: str, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, given)
    with pytest.raises(EmbeddedError, match=f"^{name} n'est pas une adresse") as refused:
        ensure_given_addresses()
    assert "moi:secret" not in str(refused.value)


def test_a_silent_redis_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    with pytest.raises(EmbeddedError, match="REDIS_URL ne répond pas"):
        ensure_given_addresses()


def test_good_addresses_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://moi:secret@serveur/base")
    monkeypatch.setenv("SMTP_URL", "smtps://moi:secret@serveur")
    ensure_given_addresses()
