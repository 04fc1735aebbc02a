# SPDX-License-Identifier: MIT
"""Whether a compiler that stops at a mutant has given the expected message, or only cannot read the mutant."""

import re

#: The beginning of Ninja's line about a command that failed.
FAILED = re.compile(r"^FAILED: ", re.MULTILINE)
#: A compiler's errors, and the notes that give their reasons.
WORDS = re.compile(r"^[^\s:]+:\d+:\d+: (?:(?:fatal )?error|note): (.*)$", re.MULTILINE)


def refuses(output, refusal):
    """Whether each command that failed in a build has failed with these words in an error or a note."""
    _, *failures = FAILED.split(output)
    return bool(refusal and failures) and all(
        any(refusal in words for words in WORDS.findall(failure)) for failure in failures)
