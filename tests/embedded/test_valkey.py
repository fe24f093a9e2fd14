"""The embedded Valkey, and the forms of its address."""

from pathlib import Path

import pytest
import redis

from entrepairs import redis_urls
from entrepairs.embedded.errors import EmbeddedError
from entrepairs.embedded.valkey import EmbeddedValkey


def server_in(folder: Path) -> EmbeddedValkey:
    return EmbeddedValkey(folder / "valkey", folder / "s", log=folder / "valkey.log")


def test_a_key_survives_a_restart(folder: Path) -> None:
    server = server_in(folder)
    server.start()
    with redis.Redis.from_url(redis_urls.for_redis_py(server.url)) as client:
        client.set("kept", "yes")
        assert client.config_get("port") == {"port": "0"}
    server.stop()
    server.start()
    with redis.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"
    server.stop()


def test_two_servers_never_share_a_socket(folder: Path) -> None:
    server = server_in(folder)
    server.start()
    try:
        with pytest.raises(EmbeddedError, match="écoute déjà"):
            server_in(folder).start()
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("given", "redis_py", "limiter", "broker", "results"),
    [
        (
            "unix:///run/e/valkey.sock",
            "unix:///run/e/valkey.sock?db=0",
            "redis+unix:///run/e/valkey.sock?db=0",
            "redis+socket:///run/e/valkey.sock?virtual_host=0",
            "redis+socket:///run/e/valkey.sock?db=0",
        ),
        (
            "unix://:pw@/run/e/valkey.sock?db=3",
            "unix://:pw@/run/e/valkey.sock?db=3",
            "redis+unix://:pw@/run/e/valkey.sock?db=3",
            "redis+socket://:pw@/run/e/valkey.sock?virtual_host=3",
            "redis+socket://:pw@/run/e/valkey.sock?db=3",
        ),
        ("redis://cache:6379/2", *["redis://cache:6379/2"] * 4),
        ("rediss://:pw@cache:6380/0", *["rediss://:pw@cache:6380/0"] * 4),
    ],
)
def test_one_setting_gives_every_library_its_form(
    given: str, redis_py: str, limiter: str, broker: str, results: str
) -> None:
    assert redis_urls.for_redis_py(given) == redis_py
    assert redis_urls.for_limiter(given) == limiter
    assert redis_urls.for_celery_broker(given) == broker
    assert redis_urls.for_celery_results(given) == results
