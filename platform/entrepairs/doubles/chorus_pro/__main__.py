"""`python -m entrepairs.doubles.chorus_pro --port 8430 --data FILE`."""

from entrepairs.doubles.chorus_pro.service import CHORUS_PRO
from entrepairs.doubles.stand import program

if __name__ == "__main__":
    raise SystemExit(program(CHORUS_PRO))
