"""One setting, `REDIS_URL`, in the form each library wants.

It is `redis://`, `rediss://` or, for a Unix socket, `unix:///path?db=0` (redis-py's own form). Celery reads
sockets as `redis+socket://`, Flask-Limiter as `redis+unix://`; TCP addresses are the same for all.
"""

from urllib.parse import parse_qs, urlencode, urlsplit

_SOCKET_SCHEMES = {"unix", "redis+unix", "redis+socket", "valkey+unix"}


def for_redis_py(url: str) -> str:
    """The form of `redis.Redis.from_url`."""
    return _with_scheme(url, "unix", "db")


def for_limiter(url: str) -> str:
    """The form of Flask-Limiter's `storage_uri`."""
    return _with_scheme(url, "redis+unix", "db")


def for_celery_broker(url: str) -> str:
    """The form of Celery's `broker_url` (kombu calls the database number `virtual_host`)."""
    return _with_scheme(url, "redis+socket", "virtual_host")


def for_celery_results(url: str) -> str:
    """The form of Celery's `result_backend`."""
    return _with_scheme(url, "redis+socket", "db")


def _with_scheme(url: str, scheme: str, number_key: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in _SOCKET_SCHEMES:
        return url
    query = parse_qs(parts.query)
    number = (query.get("db") or query.get("virtual_host") or ["0"])[0]
    return f"{scheme}://{parts.netloc}{parts.path}?{urlencode({number_key: number})}"
