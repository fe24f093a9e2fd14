"""Load once what `entrepairs up` loads, so that Python has compiled it: a third of the first start, on a core that is free.

Nothing is said and nothing fails: a program that could not be loaded here is compiled when it starts.
"""

import contextlib
import importlib
import os

NEEDED = {
    "ENTREPAIRS_ENV": "demo",
    "DATABASE_URL": "postgresql+psycopg://nobody@/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "ENTREPAIRS_SECRET_KEY": "unused",
    "ENTREPAIRS_STRIPE_SECRET_KEY": "sk_test_unused",
    "ENTREPAIRS_STRIPE_WEBHOOK_SECRET": "whsec_unused",
}
"""Settings without which the application does not load; loading it opens no connection."""
FIRST = "loader"
"""The telling of the demo's story waits for this one."""


def main() -> None:
    """Load each program's modules, the story's first."""
    from entrepairs.commands._stack import LOADED_FIRST

    os.environ.update(NEEDED)
    for program in (FIRST, *LOADED_FIRST):
        for module in LOADED_FIRST[program].split(","):
            with contextlib.suppress(Exception):
                importlib.import_module(module)
    for double in ("stripe_api", "mail_sink", "chorus_pro", "approved_platform"):
        with contextlib.suppress(Exception):
            importlib.import_module(f"entrepairs.doubles.{double}.service")


if __name__ == "__main__":
    main()
