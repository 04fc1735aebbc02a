# SPDX-License-Identifier: MIT
"""Finds the dynamic initialisers in object files.

An object has one if it has a section of pointers to functions that run at the start (.init_array, .ctors, .preinit_array),
or a function that a compiler makes to fill such a section (_GLOBAL__sub_I_..., __cxx_global_var_init...). Clang also emits
for each module interface unit a function _ZGIW..., which its importers may call. It counts as one if it calls anything but
the same function of other modules.

initialisers.py [--known-bad OBJECT] OBJECT...    fails if an object has one, or if none is found in the OBJECT known to have it
"""

import re
import subprocess
import sys

SECTION = re.compile(r"\s\.(?:init_array|preinit_array|ctors)\b")
MADE_BY_COMPILER = re.compile(r"\b(_GLOBAL__(?:sub_)?I_\S*|__cxx_global_var_init\S*)$", re.MULTILINE)
TARGET = re.compile(r"R_\S+\s+(\S+?)(?:[-+]0x[0-9a-f]+)?$")
TRANSFER = re.compile(r"\t(?:call|jmp|bl?|br|blr)\w*\s")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def work_of_module_initialiser(name, disassembly):
    """The calls of the function to others than its like. An empty list is fine."""
    found = []
    for line in disassembly.splitlines():
        target = TARGET.search(line)
        if target and not target[1].startswith("_ZGIW"):
            found.append("has %s, which refers to %s" % (name, target[1]))
        elif TRANSFER.search(line) and "*" in line:
            found.append("has %s, which makes an indirect call" % name)
    return found


def dynamic_initialisers(path):
    found = []
    if SECTION.search(output("readelf", "-SW", path)):
        found.append("has a section of functions to run at start")
    symbols = output("nm", "--defined-only", path)
    found += ["has " + name for name in MADE_BY_COMPILER.findall(symbols)]
    for name in re.findall(r"\b_ZGIW\w+$", symbols, re.MULTILINE):
        found += work_of_module_initialiser(
            name, output("objdump", "-dr", "--no-show-raw-insn", "--disassemble=" + name, path))
    return found


def main(arguments):
    if arguments[:1] == ["--known-bad"]:
        if not dynamic_initialisers(arguments[1]):
            print("%s has a dynamic initialiser that this script does not see" % arguments[1])
            return 2
        arguments = arguments[2:]
    if not arguments:
        sys.exit(__doc__)
    bad = 0
    for path in arguments:
        for finding in sorted(set(dynamic_initialisers(path))):
            print("%s %s" % (path, finding))
            bad += 1
    print("%d objects, %d findings" % (len(arguments), bad))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
