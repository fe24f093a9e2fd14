"""What the machine gives this process."""

import os


def cores() -> int:
    """Cores this process may use (macOS does not say which are ours: all of them then)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
