# SPDX-License-Identifier: MIT
"""What tests/mutate breaks: a list for each room, and how one of its entries is tried."""

import typing


class Mutant(typing.NamedTuple):
    """One change: `before`, which stands once in the file, becomes `after`, and the tests that the pattern names turn red."""

    name: str
    preset: str
    #: A pattern of CTest.
    tests: str
    path: str
    before: str
    after: str
    #: What the compiler says of a mutant that it is meant to refuse. Any other mutant compiles.
    refusal: str = ""
