# SPDX-License-Identifier: MIT
"""What the soak does to a server that is asked without pause. Each ends when the server is whole again."""

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
    """Its log cannot be written while a worker is replaced and all are."""
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
    """And a worker that is forked meanwhile inherits the limit: it goes with the reload that follows."""
    before = host.limit(host.pid, "nofile", len(os.listdir("/proc/%d/fd" % host.pid)) + 1)
    send(some_worker(host), signal.SIGKILL)
    time.sleep(random.uniform(0.5, 2))
    host.limit(host.pid, "nofile", before)
    host.reload()


def failing_forks(host, disk):
    """uWSGI tries a failed fork never again: a reload brings its workers back."""
    before = host.limit(host.pid, "nproc", 1)
    send(some_worker(host), signal.SIGKILL)
    time.sleep(random.uniform(1, 3))
    host.limit(host.pid, "nproc", before)
    host.reload() if host.container == "uwsgi" else host.settle()


def reload(host, disk):
    host.reload()


#: Troubles in which a worker dies with what it works on; in the others nothing may be lost.
DEADLY = (killed_worker, aborted_worker, frozen_master, full_disk, few_descriptors_in_master, failing_forks)
HARMLESS = (frozen_worker, few_descriptors_in_worker, reload)


#: What gunicorn does not outlive by its own design, with any application: it is started again after these.
FATAL = {"gunicorn": (few_descriptors_in_master, failing_forks)}


def possible(disk):
    """Those that this user can make."""
    refused = ({full_disk} if not disk.is_own else set()) | ({failing_forks} if os.geteuid() else set())
    return [one for one in DEADLY + HARMLESS if one not in refused], sorted(one.__name__ for one in refused)
