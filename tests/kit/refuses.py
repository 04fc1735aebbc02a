# SPDX-License-Identifier: MIT
"""refuses.py PATTERN COMMAND...: passes where the command fails and says why.

Both are looked at: a command that only warns has refused nothing. Blanks and ends of lines are alike in what it says,
because some programs break their messages where the length of a path has them end.
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
