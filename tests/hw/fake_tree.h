// FakeTree is a small /proc, /sys, /dev and /etc in a temporary folder, gone with the object.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include "hw/probe_roots.h"

namespace millrace::hw {

class FakeTree {
 public:
  FakeTree() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-hw-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder at " << pattern;
    root_ = pattern;
  }
  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;
  ~FakeTree() {
    std::error_code error;
    std::filesystem::remove_all(root_, error);
  }

  // Writes the file at "proc/...", "sys/...", "dev/..." or "etc/...", folders included.
  void put(const std::string& path, std::string_view text) {
    const std::filesystem::path file = std::filesystem::path(root_) / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    ASSERT_TRUE(std::filesystem::exists(file)) << file;
  }

  std::string path(const std::string& name) const { return root_ + "/" + name; }

  // The loader finds these libraries and no others.
  std::set<std::string> libraries;
  // errno of opening a device node, by file name; other nodes open.
  std::map<std::string, int> device_errors;

  // What the kernel answers; as in ProbeRoots.
  int landlock = -ENOSYS;
  int seccomp = EINVAL;

  // Lives no longer than the tree.
  ProbeRoots roots() const {
    ProbeRoots roots{path("proc"), path("sys"), path("dev"), path("etc"), {}, {}, {}, {}};
    roots.library = [this](const std::string& soname) { return libraries.count(soname) > 0; };
    roots.device = [this](const std::string& node) {
      const auto found = device_errors.find(std::filesystem::path(node).filename().string());
      if (found != device_errors.end()) return found->second;
      return std::filesystem::exists(node) ? 0 : ENOENT;
    };
    roots.landlock = [this] { return landlock; };
    roots.seccomp = [this] { return seccomp; };
    return roots;
  }

 private:
  std::string root_;
};

}  // namespace millrace::hw
