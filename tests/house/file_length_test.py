"""A file that outgrows its length usually holds two nouns."""

import house

LONGEST_HEADER, LONGEST_SOURCE, LONGEST_TEST = 150, 400, 450


def violations(path, lines):
    if path.startswith("tests/"):
        limit = LONGEST_TEST
    elif path.endswith((".h", ".cuh")):
        limit = LONGEST_HEADER
    else:
        limit = LONGEST_SOURCE
    return [f"{path}: {lines} lines, at most {limit}: part it by nouns"] if lines > limit else []


class Rule(house.HouseTest):
    def test_catches_each_kind_one_line_past_its_length(self):
        self.assertTrue(violations("engine/base/status.h", 151))
        self.assertTrue(violations("kernels/scale.cuh", 151))
        self.assertTrue(violations("engine/base/status.cpp", 401))
        self.assertTrue(violations("tests/engine/base/status_test.cpp", 451))

    def test_allows_the_length_itself(self):
        self.assertEqual([], violations("engine/base/status.h", 150))
        self.assertEqual([], violations("engine/base/status.cpp", 400))
        self.assertEqual([], violations("tests/engine/base/status_test.cpp", 450))


class Tree(house.HouseTest):
    def test_no_file_is_longer_than_its_kind_may_be(self):
        paths = house.code_files()
        self.assert_checked(paths)
        self.assert_clean([violation for path in paths
                           for violation in violations(str(path), len(house.read(path).splitlines()))])


if __name__ == "__main__":
    house.main()
