# SPDX-License-Identifier: MIT
"""What tests/mutate breaks: lists of name, preset, tests that ought to notice (a CTest pattern), file, text, mutant."""
