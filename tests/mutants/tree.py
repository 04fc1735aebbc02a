# SPDX-License-Identifier: MIT
"""A copy of the tree that is kept between runs, with its builds."""

import filecmp
import os
import shutil
import subprocess


def files_of(tree):
    """The files below the tree that git has or would add."""
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=tree, check=True,
                           capture_output=True).stdout.decode().split("\0")
    return {name for name in names if name and (tree / name).is_file()}


def renew(copy, tree):
    """Makes the copy equal to the tree, except for its folder build.

    An equal file keeps its time, so that Ninja builds only what has changed.
    """
    wanted = files_of(tree)
    for folder, folders, names in os.walk(copy):
        if folder == str(copy):
            folders[:] = [name for name in folders if name != "build"]
        for name in names:
            path = os.path.join(folder, name)
            if os.path.relpath(path, copy) not in wanted:
                os.unlink(path)
    for name in wanted:
        source, target = tree / name, copy / name
        if not target.is_file() or not filecmp.cmp(source, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        shutil.copymode(source, target)
