// Scripts: programs that a test writes, in a folder that is gone with the object.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"

namespace millrace::bench {

class Scripts {
 public:
  Scripts() : folder_(engine::ScratchFolder::make("test").value()) {}

  std::filesystem::path folder() const { return folder_.path(); }

  std::filesystem::path put(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder() / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_TRUE(engine::write_file(path, text).ok()) << path;
    return path;
  }

  // The path of a shell script that can be run.
  std::string program(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = put(name, "#!/bin/sh\n" + text + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
  }

  std::string read(const std::string& name) const {
    return engine::read_file(folder() / name).value_or("(absent)");
  }

 private:
  engine::ScratchFolder folder_;
};

}  // namespace millrace::bench
