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

  // Programs of a measurement that tell their versions and get no further, and an empty folder for its data.
  template <class Options>
  void lead_nowhere(Options& options) const {
    options.folder = folder() / "data";
    std::filesystem::create_directories(options.folder);
    options.millrace =
        program("millrace", "[ \"$1\" = --version ] && { echo millrace fake; exit 0; }\necho no; exit 1");
    options.ffmpeg = program("ffmpeg",
                             "for last; do :; done\n[ \"$last\" = -version ] || echo clip >\"$last\"\n"
                             "echo ffmpeg version fake");
  }

  std::string read(const std::string& name) const {
    return engine::read_file(folder() / name).value_or("(absent)");
  }

 private:
  engine::ScratchFolder folder_;
};

}  // namespace millrace::bench
