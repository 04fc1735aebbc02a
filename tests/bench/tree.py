# SPDX-License-Identifier: MIT
"""The folders of the tree, and the builds: by the presets, in separate folders below build/bench."""

import dataclasses
import functools
import pathlib
import shutil
import subprocess
import sys

from rows import NotMeasured, say

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "bench"
sys.path.insert(0, str(ROOT / "examples" / "support"))


@dataclasses.dataclass(frozen=True)
class Options:
    quick: bool
    install: bool

    def rounds(self, usual):
        return max(3, usual // 4) if self.quick else usual


def program(name):
    if shutil.which(name) is None:
        raise NotMeasured("there is no %s here" % name)
    return name


def run(*command, **others):
    """The output of a command; NotMeasured with its last lines if it fails."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **others)
    if done.returncode != 0:
        raise NotMeasured("%s failed\n%s" % (" ".join(map(str, command)), done.stdout[-3000:]))
    return done.stdout


@functools.lru_cache(maxsize=None)
def build(preset, target):
    """None, or the reason why the preset's target cannot be built: a second try would take as long, and fail again."""
    folder = BUILD / preset
    say("building %s of the preset %s" % (target, preset))
    try:
        run(program("cmake"), "--preset", preset, "-B", folder)
        run("cmake", "--build", folder, "--target", target, "--parallel", "2")
    except NotMeasured as reason:
        return "%s of the preset %s cannot be built\n%s" % (target, preset, reason)
    return None


def built(preset, target):
    """The folder of the preset, after the target is built."""
    failure = build(preset, target)
    if failure:
        raise NotMeasured(failure)
    return BUILD / preset
