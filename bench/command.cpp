#include "bench/command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace millrace::bench {
namespace {

bool is_plain(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') ||
         std::string_view("@%+=:,./_-").find(letter) != std::string_view::npos;
}

std::string quoted(const std::string& word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string text = "'";
  for (const char letter : word) {
    if (letter == '\'')
      text += "'\\''";
    else
      text += letter;
  }
  return text + "'";
}

bool is_program(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string shell_text(const Command& command) {
  std::string text;
  for (const std::string& word : command) {
    if (!text.empty()) text += ' ';
    text += quoted(word);
  }
  return text;
}

engine::Result<std::string> find_program(const std::string& name) {
  using engine::Code;
  using engine::Status;
  if (name.find('/') != std::string::npos) {
    if (is_program(name)) return name;
    return Status(Code::not_found, name + ": no program is there; build it, or name another one");
  }
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "/usr/bin:/bin" : variable;
  while (!folders.empty()) {
    const std::size_t end = folders.find(':');
    const std::string path = std::string(folders.substr(0, end)) + "/" + name;
    if (is_program(path)) return path;
    folders = end == std::string_view::npos ? std::string_view() : folders.substr(end + 1);
  }
  return Status(Code::not_found, name + ": no such program in PATH; install it, or give its path");
}

}  // namespace millrace::bench
