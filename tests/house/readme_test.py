"""Every folder of code says what it is for, and what the pages name is there."""

import re
from pathlib import PurePosixPath

import house

# The folders under tests/ that mirror the tree need no page of their own: the mirrored folder has it. Nor do those that
# hold bytes for tests/fuzz, whose page tells of them.
MIRRORS = ("tests/hw", "tests/kernels", "tests/engine", "tests/server", "tests/bench", "tests/fuzz/seeds",
           "tests/fuzz/cases", "tests/fuzz/libfuzzer")
CODE_FOLDERS = ("hw", "kernels", "engine", "server", "bench", "tests", "deploy")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:hw|kernels|engine|server|bench|tests|deploy|cmake)/[\w./-]+\.(?:h|cpp|cu|cuh|py|md|sh|cmake))`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def folders_without_page(paths):
    """paths: every file, from the root."""
    present = set(paths)
    folders = {str(PurePosixPath(path).parent) for path in paths
               if path.split("/")[0] in CODE_FOLDERS and "/" in path and not path.endswith(".md")}
    return [f"{folder}/: has no README.md that says what it is for" for folder in sorted(folders)
            if f"{folder}/README.md" not in present and not f"{folder}/".startswith(tuple(m + "/" for m in MIRRORS))]


def dead_links(page, text, exists):
    """exists: says whether a path from the root is a file or a folder."""
    found = []
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        parts = []
        for part in (PurePosixPath(page).parent / target.split("#")[0]).parts:
            if part == "..":
                if not parts:
                    break  # out of the tree: not ours to check
                parts.pop()
            else:
                parts.append(part)
        else:
            if not exists("/".join(parts) or "."):
                found.append(f"{page}: the link {target} leads nowhere")
    found += [f"{page}: names {name}, which is not there" for name in NAMED.findall(text) if not exists(name)]
    return found


class Rule(house.HouseTest):
    def test_catches_a_folder_of_code_without_a_page(self):
        self.assertEqual(["engine/base/: has no README.md that says what it is for"],
                         folders_without_page(["engine/base/status.h", "engine/base/status.cpp", "README.md"]))

    def test_catches_it_in_deploy_and_in_tests_of_its_own(self):
        self.assertTrue(folders_without_page(["deploy/run"]))
        self.assertTrue(folders_without_page(["tests/house/house.py"]))

    def test_allows_a_folder_with_a_page_and_a_mirror_without(self):
        self.assertEqual([], folders_without_page(["hw/README.md", "hw/probe.h", "tests/engine/base/a_test.cpp",
                                                   "tests/hw/probe_test.cpp"]))

    def test_catches_a_dead_link_and_a_dead_name(self):
        there = {"hw/README.md", "hw/probe.h"}
        self.assertTrue(dead_links("hw/README.md", "see [x](slots.h)", there.__contains__))
        self.assertTrue(dead_links("hw/README.md", "see [x](../engine/README.md#a)", there.__contains__))
        self.assertTrue(dead_links("README.md", "`hw/slots.h` says", there.__contains__))

    def test_allows_what_resolves(self):
        there = {"hw/README.md", "hw/probe.h", "hw"}
        self.assertEqual([], dead_links("hw/README.md", "[a](probe.h) [b](../hw) [c](https://x.org/y) [d](#e)",
                                        there.__contains__))
        self.assertEqual([], dead_links("README.md", "`hw/probe.h` and `hw/*.h` and [a](hw/README.md#b)",
                                        there.__contains__))


class Tree(house.HouseTest):
    def test_every_folder_of_code_has_a_page(self):
        self.assert_clean(folders_without_page([str(path) for path in house.files()]))

    def test_what_the_pages_name_is_there(self):
        pages = [path for path in house.files() if path.suffix == ".md"]
        self.assert_checked(pages)
        self.assert_clean([violation for page in pages for violation in
                           dead_links(str(page), house.read(page), lambda target: (house.ROOT / target).exists())])


if __name__ == "__main__":
    house.main()
