"""`python -m entrepairs.doubles.mail_sink --smtp-port 8025 --port 8026 --data FOLDER`."""

import argparse
import logging
import sys
from pathlib import Path

from entrepairs.doubles.local_server import CannotListen, StopSignal, say
from entrepairs.doubles.mail_sink.service import MailSink


def main() -> int:
    """Run until SIGTERM or SIGINT (exit 0); 1 with a sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog="mail_sink", description="A local mail server that keeps everything.")
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--port", type=int, required=True, help="of the page")
    parser.add_argument("--data", type=Path, required=True, help="folder of the mails, made when absent")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.ERROR, format="mail-sink: %(message)s")
    stop = StopSignal()
    try:
        sink = MailSink(data=asked.data, host=asked.host, smtp_port=asked.smtp_port, port=asked.port)
    except CannotListen as error:
        sys.stderr.write(f"mail-sink: {error}\n")
        return 1
    with sink:
        say(f"mail-sink ready at {sink.address}, receiving at {sink.smtp_url}")
        stop.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
