"""Who may include whom: server, bench -> engine -> hw, kernels. Includes are written from the root."""

import re

import house

MAY_INCLUDE = {
    "hw": {"hw"},
    "kernels": {"kernels"},
    "engine": {"engine", "hw", "kernels"},
    "server": {"server", "engine", "hw", "kernels"},
    "bench": {"bench", "server", "engine", "hw", "kernels"},
    "tests": {"tests", "bench", "server", "engine", "hw", "kernels"},
    "cmake": set(),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def violations(path, text, exists):
    """path: the including file from the root; exists: says whether a path from the root is a file."""
    found = []
    top = path.split("/")[0]
    for bracket, target in INCLUDE.findall(text):
        target_top = target.split("/")[0]
        if bracket == "<":
            if target_top in MAY_INCLUDE and "/" in target and exists(target):
                found.append(f'{path}: <{target}> is ours: write "{target}"')
            continue
        if target_top not in MAY_INCLUDE or not exists(target):
            found.append(f'{path}: "{target}" is no file of this tree: write ours from the root and others\' in <>')
        elif top not in MAY_INCLUDE:
            found.append(f"{path}: {top}/ is no folder of code; put it where the design has a place")
        elif target_top not in MAY_INCLUDE[top]:
            allowed = ", ".join(sorted(MAY_INCLUDE[top])) or "nothing of ours"
            found.append(f'{path}: "{target}" runs against the arrows: {top} may include {allowed}')
    return found


class Rule(house.HouseTest):
    def check(self, path, line):
        return violations(path, line + "\n", lambda target: not target.endswith("missing.h"))

    def test_catches_the_engine_that_includes_the_server(self):
        self.assertIn("against the arrows", self.check("engine/work/a.cpp", '#include "server/api/api.h"')[0])

    def test_catches_hw_that_includes_the_engine(self):
        self.assertIn("against the arrows", self.check("hw/probe.cpp", '#  include "engine/base/status.h"')[0])

    def test_catches_the_server_that_includes_bench_or_tests(self):
        self.assertTrue(self.check("server/main.cpp", '#include "bench/report.h"'))
        self.assertTrue(self.check("server/main.cpp", '#include "tests/support/clip.h"'))

    def test_catches_an_include_that_is_not_from_the_root(self):
        self.assertIn("from the root", self.check("engine/base/status.cpp", '#include "status.h"')[0])
        self.assertTrue(self.check("engine/base/status.cpp", '#include "../base/status.h"'))

    def test_catches_a_header_that_is_not_there(self):
        self.assertTrue(self.check("engine/base/status.cpp", '#include "engine/base/missing.h"'))

    def test_catches_our_header_in_angle_brackets(self):
        self.assertIn("is ours", self.check("server/main.cpp", "#include <engine/base/status.h>")[0])

    def test_allows_the_arrows_and_the_libraries_of_others(self):
        self.assertEqual([], self.check("server/main.cpp", '#include "engine/base/status.h"'))
        self.assertEqual([], self.check("engine/plan/a.cpp", '#include "hw/inventory.h"'))
        self.assertEqual([], self.check("engine/plan/a.cpp", "#include <nlohmann/json.hpp>"))


class Tree(house.HouseTest):
    def test_includes_follow_the_arrows(self):
        paths = house.code_files()
        self.assert_checked(paths)
        self.assert_clean([violation for path in paths for violation in
                           violations(str(path), house.read(path), lambda target: (house.ROOT / target).is_file())])


if __name__ == "__main__":
    house.main()
