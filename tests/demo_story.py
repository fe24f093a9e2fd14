"""The demo's story, told once by run whoever asks first: a template to clone, as it was told."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from entrepairs.doubles.stripe_api.service import StripeApi
from entrepairs.embedded.postgres import EmbeddedPostgres, Role
from tests.throwaway import ROOT, TEMPLATE

TOLD: Final = "template_of_demo"


def told_story(cluster: EmbeddedPostgres, services_folder: Path) -> str:
    """The name of the template; the first process that asks has it told by the command line, the others wait."""
    told = services_folder / "demo.told"
    with (services_folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            cluster.clone_database(TEMPLATE, TOLD)
            _tell(cluster, told_stripe(services_folder))
            told.touch()
    return TOLD


def told_stripe(services_folder: Path) -> Path:
    """The file of the Stripe stand-in that was taught what the story paid online; to be copied, never used itself."""
    return services_folder / "stripe-of-demo.sqlite"


def demo_environment(cluster: EmbeddedPostgres, database: str) -> dict[str, str]:
    """What the command line needs to tell the story in a database."""
    return {
        **os.environ,
        "DATABASE_URL": cluster.url(database, Role.APP),
        "MIGRATION_DATABASE_URL": cluster.url(database, Role.OWNER),
        "REDIS_URL": "unix:///nowhere/valkey.sock",
        "SMTP_URL": "smtp://127.0.0.1:9",
        "ENTREPAIRS_ENV": "demo",
        "ENTREPAIRS_SECRET_KEY": "only-for-tests",
        "ENTREPAIRS_STRIPE_SECRET_KEY": "sk_test_only_for_tests",
        "ENTREPAIRS_STRIPE_WEBHOOK_SECRET": "whsec_only_for_tests",
    }


def _tell(cluster: EmbeddedPostgres, stripe: Path) -> None:
    command = [sys.executable, "-m", "entrepairs.cli", "demo", "load", "--size", "S"]
    environment = demo_environment(cluster, TOLD)
    with StripeApi(data=stripe, webhook_url=None, webhook_secret="whsec_only_for_tests") as stand:
        environment["ENTREPAIRS_STRIPE_API_BASE"] = stand.address
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"the story could not be told:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
