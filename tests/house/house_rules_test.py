"""Habits that a pattern can see. Each rule brings a line that it must catch and one that it must let pass."""

import re
from typing import NamedTuple

import house


class Rule(NamedTuple):
    name: str
    pattern: str
    says: str
    applies: str  # a pattern over paths
    caught: tuple  # (path, line)
    passes: tuple


CPP = r"\.(h|cpp|cu|cuh)$"
RULES = [
    Rule("using_namespace_std", r"\busing\s+namespace\s+std\s*;", "write std:: where it is used", CPP,
         ("engine/base/a.cpp", "using namespace std;"), ("engine/base/a.cpp", "using namespace std::literals;")),
    Rule("using_namespace_in_a_header", r"^\s*using\s+namespace\b", "every includer would get it", r"\.(h|cuh)$",
         ("hw/a.h", "using namespace millrace;"), ("hw/a.cpp", "using namespace millrace;")),
    Rule("exit_outside_main", r"\bstd::(exit|quick_exit|_Exit)\b|(?<![\w.:>])exit\(",
         "return a Status; only a main.cpp ends the program", r"^(?!tests/)(?!.*main\.cpp$).*\.(h|cpp|cu|cuh)$",
         ("engine/base/a.cpp", "  std::exit(1);"), ("server/main.cpp", "  std::exit(1);")),
    Rule("sleep_in_a_test", r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.:>])sleep\(",
         "wait for the event, or inject the clock", r"^tests/.*\.(h|cpp)$",
         ("tests/hw/a_test.cpp", "std::this_thread::sleep_for(10ms);"), ("engine/work/a.cpp", "sleep_for(10ms);")),
    Rule("disabled_test", r"\bDISABLED_|\bGTEST_SKIP\(\)\s*;", "mend it or take it out; a skip gives its reason",
         r"^tests/.*\.(h|cpp)$", ("tests/hw/a_test.cpp", "TEST(A, DISABLED_B) {"),
         ("tests/hw/a_test.cpp", 'GTEST_SKIP() << inventory.note;')),
    Rule("left_for_later", r"\b(TODO|FIXME|XXX)\b", "do it now, or say so under 'Not built yet' in README.md",
         r"^(?!tests/house/).*\.(h|cpp|cu|cuh|py|sh|cmake|md)$|^deploy/|CMakeLists\.txt$",
         ("hw/a.h", "// TODO: later"), ("hw/a.h", "// mktemp makes a name from XXXXXX")),
    Rule("c_form_of_a_header", r"#\s*include\s*<(stdint|stdlib|string|stdio|math|assert|errno)\.h>",
         "include the C++ form, <cstdint>", CPP, ("hw/a.cpp", "#include <stdint.h>"), ("hw/a.cpp", "#include <cstdint>")),
    Rule("path_of_one_workplace", r"(?<![\w.)}>-])/(work|tmp/team)/", "name no folder of one machine",
         r"^(?!tests/house/house_rules_test\.py$)", ("engine/base/a.cpp", '"/work/main/a"'),
         ("engine/base/a.cpp", '#include "engine/work/worker_main.h"')),
    Rule("number_of_an_issue", r"\b[Ii]ssue #?\d+", "say the reason itself", r"^(?!tests/house/house_rules_test\.py$)",
         ("hw/a.cpp", "// see issue 2"), ("hw/a.cpp", "// an issue of taste")),
]


def violations(rule, path, text):
    if not re.search(rule.applies, path):
        return []
    pattern = re.compile(rule.pattern)
    return [f"{path}:{number}: {rule.name}: {rule.says}: {line.strip()}"
            for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]


def header_violations(path, text):
    """A header opens by saying what it is, and can be included twice."""
    found = []
    if not re.search(r"^#pragma once$", text, re.MULTILINE):
        found.append(f"{path}: no #pragma once")
    if not re.match(r"\s*(#pragma once\s*)?//", text):
        found.append(f"{path}: does not open with what it is and who may call it")
    return found


class EachRule(house.HouseTest):
    def test_catches_its_violation_and_lets_the_sound_line_pass(self):
        for rule in RULES:
            with self.subTest(rule.name):
                self.assertEqual(1, len(violations(rule, *rule.caught)))
                self.assertEqual([], violations(rule, *rule.passes))

    def test_catches_a_header_without_guard_or_opening(self):
        self.assertEqual([], header_violations("hw/a.h", "// A is a thing.\n#pragma once\nint a();\n"))
        self.assertEqual([], header_violations("hw/a.h", "#pragma once\n\n// A is a thing.\nint a();\n"))
        self.assertIn("pragma", header_violations("hw/a.h", "// A is a thing.\nint a();\n")[0])
        self.assertIn("open", header_violations("hw/a.h", "#pragma once\n#include <string>\n// A\nint a();\n")[0])


class Tree(house.HouseTest):
    def test_every_rule_holds(self):
        paths = [path for path in house.files()
                 if path.suffix in house.CODE | {".py", ".sh", ".cmake", ".md", ".txt", ".json", ""}]
        self.assert_checked(paths)
        found = []
        for path in paths:
            text = house.read(path)
            for rule in RULES:
                found += violations(rule, str(path), text)
            if path.suffix in (".h", ".cuh"):
                found += header_violations(str(path), text)
        self.assert_clean(found)


if __name__ == "__main__":
    house.main()
