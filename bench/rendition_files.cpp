#include "bench/rendition_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string_view>
#include <system_error>

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Result;
using engine::Status;

Result<RenditionFiles> find(const fs::path& init, const std::string& prefix) {
  std::error_code error;
  if (!fs::is_regular_file(init, error))
    return Status(Code::internal, init.string() + ": no init segment there; the run left no such rendition");
  RenditionFiles files;
  files.init = init;
  fs::directory_iterator entry(init.parent_path(), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path == init || path.extension() != ".m4s" || !path.filename().string().starts_with(prefix)) continue;
    const std::uintmax_t bytes = entry->file_size(error);
    if (error) break;
    files.media_bytes += static_cast<std::int64_t>(bytes);
    files.segments.push_back(path);
  }
  if (error) return Status(Code::io_error, init.parent_path().string() + ": " + error.message());
  if (files.segments.empty())
    return Status(Code::internal,
                  init.string() + ": has no media segments beside it; the run left no such rendition");
  // Numbers have at least five digits and grow past them: shorter names come first.
  std::sort(files.segments.begin(), files.segments.end(), [](const fs::path& a, const fs::path& b) {
    return std::pair(a.native().size(), a) < std::pair(b.native().size(), b);
  });
  return files;
}

}  // namespace

Result<RenditionFiles> rendition_in(const fs::path& folder) { return find(folder / "init.mp4", ""); }

Result<RenditionFiles> millrace_rendition(const fs::path& out, const std::string& name) {
  return rendition_in(out / "abr" / name);
}

Result<RenditionFiles> dash_rendition(const fs::path& out, std::size_t stream) {
  return find(out / fmt::format("init-stream{}.m4s", stream), fmt::format("chunk-stream{}-", stream));
}

Status assemble(const RenditionFiles& files, const fs::path& to) {
  std::ofstream whole(to, std::ios::binary | std::ios::trunc);
  const auto append = [&](const fs::path& piece) {
    std::ifstream part(piece, std::ios::binary);
    return part && (whole << part.rdbuf());
  };
  if (!append(files.init))
    return Status(Code::io_error, files.init.string() + ": cannot be copied to " + to.string());
  for (const fs::path& segment : files.segments) {
    if (!append(segment))
      return Status(Code::io_error, segment.string() + ": cannot be copied to " + to.string());
  }
  whole.close();
  if (!whole) return Status(Code::io_error, to.string() + ": cannot be written; is there room?");
  return {};
}

}  // namespace millrace::bench
