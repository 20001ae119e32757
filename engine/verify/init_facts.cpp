#include "engine/verify/init_facts.h"

#include "engine/base/file.h"
#include "engine/package/codec_string.h"
#include "engine/package/segment_reader.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

std::string name_or_unknown(const char* name) { return name == nullptr ? "unknown" : name; }

}  // namespace

std::string_view dynamic_range_of(std::string_view transfer) {
  if (transfer == "smpte2084") return "pq";
  return transfer == "arib-std-b67" ? "hlg" : "sdr";
}

Result<InitFacts> read_init_facts(const std::filesystem::path& init) {
  const Result<std::string> bytes = read_file(init);
  if (!bytes.ok()) return bytes.status();
  const Result<SegmentReader> reader = SegmentReader::open(*bytes);
  if (!reader.ok()) return reader.status().under(init.native());
  const AVCodecParameters& parameters = reader->parameters();
  Result<std::string> codecs = codec_string(parameters);
  if (!codecs.ok()) return codecs.status().under(init.native());
  InitFacts facts;
  facts.codecs = *std::move(codecs);
  facts.color_range = name_or_unknown(av_color_range_name(parameters.color_range));
  facts.color_matrix = name_or_unknown(av_color_space_name(parameters.color_space));
  facts.color_primaries = name_or_unknown(av_color_primaries_name(parameters.color_primaries));
  facts.color_transfer = name_or_unknown(av_color_transfer_name(parameters.color_trc));
  return facts;
}

}  // namespace millrace::engine
