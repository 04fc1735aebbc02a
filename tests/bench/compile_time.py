# SPDX-License-Identifier: MIT
"""The compile time of the framework's users: processor time of the build's own commands, with the modules already built."""

import json
import os
import shlex
import shutil
import statistics
import subprocess
import tempfile
import time

from rows import Group, NotMeasured, compared, say, verdict
from tree import BUILD, ROOT, built, program, run

EMPTY, HANA = "compiling an import of forksafe, against an empty file", "compiling an import of forksafe, against all of Hana"
SUBSCRIBERS = "compiling an application of 100 subscribers, against 1"
POLICY = "compiling a policy alone, against an empty file"
CLEAN = "preset standalone configured and built from nothing, processor time, against commit %s"
MORE_SECONDS = 1.5
#: Before the modules of the middle were taken apart: what a clean build is compared with.
EARLIER = "333d620"


def commands(folder):
    """The build's command for each file of the target bench_compile, by the file's stem, without the output's name."""
    found = {}
    for entry in json.loads((folder / "compile_commands.json").read_text()):
        if "bench_compile.dir" not in entry.get("output", entry["command"]):
            continue
        words = shlex.split(entry["command"])
        output = words.index("-o")
        del words[output:output + 2]
        found[os.path.splitext(os.path.basename(entry["file"]))[0]] = words
    return found


def processor_seconds(command, folder, output):
    process = subprocess.Popen(command + ["-o", output], cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise NotMeasured("the compiler failed: " + " ".join(command))
    return usage.ru_utime + usage.ru_stime


def files(options):
    folder = built("standalone", "bench_compile")
    command = commands(folder)
    with tempfile.NamedTemporaryFile(suffix=".o") as output:
        taken = {name: [] for name in command}
        for _ in range(options.rounds(21)):
            for name in command:
                taken[name].append(processor_seconds(command[name], folder, output.name))
    rows = [compared(EMPTY, list(zip(taken["imports"], taken["empty"])), "s", at_most=2),
            compared(POLICY, list(zip(taken["policy"], taken["empty"])), "s", at_most=2),
            compared(HANA, list(zip(taken["imports"], taken["hana"])), "s", at_most=0.25)]
    many = compared(SUBSCRIBERS, list(zip(taken["subscribers_100"], taken["subscribers_1"])), "s")
    more = statistics.median(hundred - one for hundred, one in zip(taken["subscribers_100"], taken["subscribers_1"]))
    many.goal, many.verdict = "<= %g s more" % MORE_SECONDS, verdict(more <= MORE_SECONDS)
    return rows + [many]


def build_seconds(source, name):
    """Of the processor's time, of all that a clean build starts."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    before, start = os.times(), time.monotonic()
    run(program("cmake"), "-S", source, "--preset", "standalone", "-B", folder, "-D", "BUILD_TESTING=OFF")
    run("cmake", "--build", folder, "--parallel", "2")
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    say("%s: %.0f s of processor time in %.0f s" % (name, used, time.monotonic() - start))
    return used


def from_nothing(_):
    earlier = BUILD / "earlier-source"
    shutil.rmtree(earlier, ignore_errors=True)
    earlier.mkdir(parents=True)
    archive = subprocess.run([program("git"), "archive", EARLIER], cwd=ROOT, capture_output=True)
    if archive.returncode != 0:
        raise NotMeasured("commit %s is not in this clone" % EARLIER)
    subprocess.run(["tar", "-x", "-C", earlier], input=archive.stdout, check=True)
    return [compared(CLEAN % EARLIER, [(build_seconds(ROOT, "clean"), build_seconds(earlier, "clean-earlier"))], "s",
                     at_most=0.6)]


GROUPS = [Group([EMPTY, POLICY, HANA, SUBSCRIBERS], files), Group([CLEAN % EARLIER], from_nothing)]
