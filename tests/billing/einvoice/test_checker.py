"""The checking child: replaced when it dies, never left behind, deaf to other processes' forks."""

import os
import signal
import subprocess
import threading

import psutil
import pytest

from entrepairs.billing.einvoice.checker import Checker, UnreadableInvoice
from entrepairs.billing.einvoice.facturx import build_xml
from tests.billing.einvoice.sample_invoices import PRIVATE

XML = build_xml(PRIVATE)


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(timeout=10)
    except psutil.NoSuchProcess:
        return True
    return not psutil.pid_exists(pid)


def test_a_dead_child_is_replaced_without_the_caller_knowing():
    with Checker() as checker:
        assert checker.check(XML).passed
        first = checker.pid
        os.kill(first, signal.SIGKILL)
        assert checker.check(XML).passed
        assert checker.pid != first


def test_a_silent_child_is_killed_and_replaced():
    with Checker(timeout=2) as checker:
        checker.check(XML)
        first = checker.pid
        os.kill(first, signal.SIGSTOP)
        assert checker.check(XML).passed
        assert gone(first)


def test_closing_ends_the_child_and_a_later_check_starts_another():
    checker = Checker()
    checker.check(XML)
    first = checker.pid
    checker.close()
    checker.close()
    assert gone(first)
    assert checker.check(XML).passed
    checker.close()


def test_what_is_not_xml_is_the_callers_fault_and_the_child_goes_on(checker: Checker):
    checker.check(XML)
    before = checker.pid
    with pytest.raises(UnreadableInvoice):
        checker.check(b"<not xml")
    assert checker.check(XML).passed
    assert checker.pid == before


def test_several_threads_take_turns(checker: Checker):
    passed = []
    threads = [threading.Thread(target=lambda: passed.append(checker.check(XML).passed)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed == [True] * 6


def test_ctrl_c_at_the_terminal_does_not_take_the_child(checker: Checker):
    checker.check(XML)
    before = checker.pid
    os.kill(before, signal.SIGINT)
    assert checker.check(XML).passed
    assert checker.pid == before


FORKING = """
import os, sys
from entrepairs.billing.einvoice.checker import Checker
xml = sys.stdin.buffer.read()
checker = Checker()
checker.check(xml)
parents = checker.pid
if os.fork() == 0:
    ok = checker.check(xml).passed and checker.pid != parents
    checker.close()
    os._exit(0 if ok else 1)
status = os.wait()[1]
ok = status == 0 and checker.check(xml).passed and checker.pid == parents
checker.close()
sys.exit(0 if ok else 1)
"""


def test_a_forked_process_gets_a_child_of_its_own(python: str):
    assert subprocess.run([python, "-c", FORKING], input=XML, timeout=60, check=False).returncode == 0


ABANDONED = """
import sys
from entrepairs.billing.einvoice.checker import Checker
checker = Checker()
checker.check(sys.stdin.buffer.read(int(sys.argv[1])))
print(checker.pid, flush=True)
sys.stdin.read()
"""


def test_a_killed_owner_leaves_no_child_behind(python: str):
    with subprocess.Popen(
        [python, "-c", ABANDONED, str(len(XML))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        owner.stdin.write(XML)
        owner.stdin.flush()
        child = int(owner.stdout.readline())
        owner.kill()
        owner.wait()
        assert gone(child)
