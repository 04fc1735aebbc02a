# SPDX-License-Identifier: MIT
"""refuses.py PATTERN COMMAND...: passes if the command fails and its output has the pattern.

Both conditions count: a command that only warns has not refused. Blanks and line ends are equal in the output, because some
programs break their messages at a place that depends on the length of a path.
"""

import re
import subprocess
import sys


def main(pattern, *command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    sys.stdout.write(done.stdout)
    if done.returncode == 0:
        return "refuses.py: the command has refused nothing: its exit status is 0"
    if not re.search(pattern, " ".join(done.stdout.split())):
        return "refuses.py: it failed with status %d, and says nothing like: %s" % (done.returncode, pattern)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
