# SPDX-License-Identifier: MIT
"""The mutants of tests/mutate: a list for each room, and the trial of one of its entries."""

import typing


class Mutant(typing.NamedTuple):
    """One change: `before`, which stands once in the file, becomes `after`, and the tests that the pattern names must fail."""

    name: str
    preset: str
    #: A pattern of CTest.
    tests: str
    path: str
    before: str
    after: str
    #: The message with which the compiler must refuse this mutant. Any other mutant compiles.
    refusal: str = ""
