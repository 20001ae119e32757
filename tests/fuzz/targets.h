// Fuzz targets: what must hold for any bytes at all. Each ends the process, with the sentence, where it does
// not hold; a sanitizer ends it where memory or arithmetic goes wrong. Safe to call from one thread.
#pragma once

#include <filesystem>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::test {

// A job's spec: refused with a sentence, or accepted, the same once it is written out, and planned or
// refused.
void fuzz_job_spec(std::string_view bytes);
// Lines between the pool and a worker: refused, or the same once they are written out.
void fuzz_protocol(std::string_view bytes);
// An HLS playlist: refused, or parts that can be asked for.
void fuzz_playlist(std::string_view bytes);
// A media file: refused, or a source that travels as JSON and is planned or refused.
void fuzz_inspect(std::string_view bytes);

// Puts the bytes into a file, in place of what is in it. Not by way of an empty file: ext4 would write that
// to the disk each time.
void overwrite(const std::filesystem::path& file, std::string_view bytes);

// Ends the process unless it holds.
void require(bool holds, std::string_view sentence);
// A failure that a person can read: with a sentence of plain UTF-8, and no mistake of our own.
void require_refusal(const engine::Status& status);

}  // namespace millrace::test
