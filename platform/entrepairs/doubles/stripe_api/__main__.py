"""`python -m entrepairs.doubles.stripe_api --port 8420 --webhook-url … --webhook-secret whsec_… --data FILE`."""

import argparse
import logging
import sys
from pathlib import Path

from entrepairs.doubles.local_server import CannotListen, StopSignal, say
from entrepairs.doubles.stripe_api.service import StripeApi


def main() -> int:
    """Run until SIGTERM or SIGINT (exit 0); 1 with a sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog="stripe_api", description="A local stand-in of Stripe.")
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook-url", help="where events are posted, on loopback; none: not delivered")
    parser.add_argument("--webhook-secret", default="whsec_demo")
    parser.add_argument("--public-url", help="the address a browser sees; default http://HOST:PORT")
    parser.add_argument("--data", type=Path, required=True, help="SQLite file, made when absent")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="stripe-api: %(message)s")
    stop = StopSignal()
    try:
        stand = StripeApi(
            data=asked.data,
            webhook_url=asked.webhook_url,
            webhook_secret=asked.webhook_secret,
            host=asked.host,
            port=asked.port,
            public_url=asked.public_url,
        )
    except CannotListen as error:
        sys.stderr.write(f"stripe-api: {error}\n")
        return 1
    with stand:
        say(f"stripe-api ready at {stand.address}")
        stop.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
