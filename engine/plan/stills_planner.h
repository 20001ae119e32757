// Sizes and times of thumbnails and sprite sheets. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/job/ladder.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

constexpr std::int64_t kMostStills = 10'000;  // of one output
// Pixels of a still's or a sheet's side: WebP's limit, and about what browsers show of any picture.
constexpr int kLongestSheet = 16'383;
constexpr std::int64_t kMostSheetPixels = 50'000'000;  // and its pixels, which lie in memory at once

// `picture` is the normalised one, upright and with square pixels; `seconds` is how long the job's media is,
// 0: not known; `field` is the output's. Sizes that follow the picture's shape are even. invalid_argument,
// with the field, for a time past the end, more stills than the limit, and pictures larger than the limits.
Result<PlannedStills> plan_thumbnails(const ThumbnailsOutput& output, PictureSize picture, double seconds,
                                      const std::string& field);
Result<PlannedStills> plan_sprites(const SpritesOutput& output, PictureSize picture, double seconds,
                                   const std::string& field);

// How many they are in media that is `seconds` long: 0, every, 2 * every, ... as long as that lies before the
// end. 0: not known.
std::int64_t count_of_stills(const PlannedStills& stills, double seconds);

// How many rows of sprites one sheet holds; what does not fit goes to further sheets. At least 1.
std::int64_t sheet_rows(const PlannedStills& stills);

}  // namespace millrace::engine
