# SPDX-License-Identifier: MIT
"""The troubles that the soak makes for a server under load. Each ends when the server has recovered."""

import os
import random
import signal
import time


def some_worker(host):
    return random.choice(host.living())


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def killed_worker(host, disk):
    worker = some_worker(host)
    send(worker, signal.SIGKILL)
    host.settle(lambda now: worker not in now)


def aborted_worker(host, disk):
    worker = some_worker(host)
    send(worker, signal.SIGABRT)
    host.settle(lambda now: worker not in now)


def frozen_worker(host, disk):
    worker = some_worker(host)
    send(worker, signal.SIGSTOP)
    time.sleep(random.uniform(0.1, 2))
    send(worker, signal.SIGCONT)
    host.settle()


def frozen_master(host, disk):
    host.signal(signal.SIGSTOP)
    worker = some_worker(host)
    send(worker, signal.SIGKILL)
    time.sleep(random.uniform(0.1, 2))
    host.signal(signal.SIGCONT)
    host.settle(lambda now: worker not in now)


def full_disk(host, disk):
    """The log cannot be written while one worker is replaced, and then all."""
    disk.fill()
    try:
        killed_worker(host, disk)
        host.reload()
    finally:
        disk.empty()


def few_descriptors_in_worker(host, disk):
    worker = some_worker(host)
    before = host.limit(worker, "nofile", len(os.listdir("/proc/%d/fd" % worker)) + 1)
    time.sleep(random.uniform(0.5, 2))
    if os.path.exists("/proc/%d" % worker):
        host.limit(worker, "nofile", before)
    host.settle()


def few_descriptors_in_master(host, disk):
    """A worker that is forked meanwhile also inherits the limit. The reload that follows replaces it."""
    before = host.limit(host.pid, "nofile", len(os.listdir("/proc/%d/fd" % host.pid)) + 1)
    send(some_worker(host), signal.SIGKILL)
    time.sleep(random.uniform(0.5, 2))
    host.limit(host.pid, "nofile", before)
    host.reload()


def failing_forks(host, disk):
    """uWSGI never retries a failed fork: a reload brings its workers back."""
    before = host.limit(host.pid, "nproc", 1)
    send(some_worker(host), signal.SIGKILL)
    time.sleep(random.uniform(1, 3))
    host.limit(host.pid, "nproc", before)
    host.reload() if host.container == "uwsgi" else host.settle()


def reload(host, disk):
    host.reload()


#: The troubles in which a worker dies with its request. In the others no request may be lost.
DEADLY = (killed_worker, aborted_worker, frozen_master, full_disk, few_descriptors_in_master, failing_forks)
HARMLESS = (frozen_worker, few_descriptors_in_worker, reload)


#: The troubles that gunicorn does not survive by design, with any application. It is started again after them.
FATAL = {"gunicorn": (few_descriptors_in_master, failing_forks)}


def possible(disk):
    """The troubles that this user can make."""
    refused = ({full_disk} if not disk.is_own else set()) | ({failing_forks} if os.geteuid() else set())
    return [one for one in DEADLY + HARMLESS if one not in refused], sorted(one.__name__ for one in refused)
