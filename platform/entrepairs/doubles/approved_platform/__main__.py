"""`python -m entrepairs.doubles.approved_platform --port 8440 --data FILE`."""

from entrepairs.doubles.approved_platform.service import APPROVED_PLATFORM
from entrepairs.doubles.stand import program

if __name__ == "__main__":
    raise SystemExit(program(APPROVED_PLATFORM))
