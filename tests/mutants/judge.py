# SPDX-License-Identifier: MIT
"""Whether a compiler that stops at a mutant has noticed it, or only cannot read it."""

import pathlib
import re

ERROR = re.compile(r"^(?P<path>[^\s:]+):\d+:\d+: (?:fatal )?error: (?P<words>.*)$", re.MULTILINE)
#: What is said where something is demanded of a program that the language itself takes.
DEMANDS = re.compile(r"^(static assertion failed|static assertion expression is not an integral constant expression|"
                     r"constraints not satisfied|no matching .* for call to .*|no matching member function|"
                     r"no matching function for call|call to consteval function|"
                     r"constexpr variable .* must be initialized by a constant expression)")
#: Of the ones above those that say no more than that a call fits nothing: they are demands where a constraint follows.
CALLS = re.compile(r"^no matching")
CONSTRAINT = re.compile(r"note: (.*because .* evaluated to false|.*constraints not satisfied|.*does not satisfy)")


def complaints(output):
    """The errors of a build: (path, words, whether a note below it names a constraint)."""
    found = list(ERROR.finditer(output))
    for error, following in zip(found, [*found[1:], None]):
        notes = output[error.end():following.start() if following else len(output)]
        yield error["path"], error["words"], bool(CONSTRAINT.search(notes))


def refuses(output, tree):
    """Whether each error is a demand that the mutant does not meet, or stands in a test or an example of `tree`.

    A syntax error, an unknown name and a failed link say that the mutant is none: it breaks what any compiler would see.
    """
    users = tuple(str(pathlib.Path(tree) / room) + "/" for room in ("tests", "examples"))
    said = list(complaints(output))
    return bool(said) and all(
        path.startswith(users) or (DEMANDS.match(words) and (by_constraint or not CALLS.match(words)))
        for path, words, by_constraint in said)
