"""`python -m entrepairs.commands._warm GATE MODULES MODULE ARGUMENTS…`: load, wait for the gate, then be MODULE.

Loading the application takes a program longer than starting on it. `entrepairs up` lets the web, the worker and beat
load while the database starts and the story is told; none may touch the database before, so each waits for a file.
"""

import importlib
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Final

from entrepairs.quiet_loading import loaded

LOOK_EVERY: Final = 0.03


def main() -> None:
    """Load MODULES (comma between them), wait until the file GATE exists, run MODULE as `python -m` would."""
    gate, modules, program, *arguments = sys.argv[1:]
    parent = os.getppid()
    loaded(lambda: [importlib.import_module(name) for name in modules.split(",")])
    while not Path(gate).exists():
        if os.getppid() != parent:  # the supervisor was killed: nobody will open
            sys.exit(1)
        time.sleep(LOOK_EVERY)
    sys.argv = [program, *arguments]
    runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
