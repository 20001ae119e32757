// ColourWork: what the kernels do to a picture's colours, by what the plan asks for and the picture's own
// tags. Pure.
#pragma once

#include <optional>

#include "engine/base/status.h"
#include "engine/pipeline/av.h"
#include "engine/plan/normalise.h"
#include "kernels/colour.h"

namespace millrace::engine {

struct ColourWork {
  kernels::Colour from, to;
  kernels::ToneMap tone;  // of HDR that becomes SDR
};

// None where the picture is as asked already. unsupported, by name, for tags that the kernels have no maths
// for.
Result<std::optional<ColourWork>> colour_work_of(ColourChange change, const AVFrame& frame);

// Gives a picture the tags that the plan asks for.
void tag_colours(ColourChange change, AVFrame& frame);

// The brightest that an HDR picture may be, in cd/m2, as libavfilter's tonemap has it behind zscale: of its
// content light level, else of its mastering display, else 1000.
double brightest_of(const AVFrame& frame);

}  // namespace millrace::engine
