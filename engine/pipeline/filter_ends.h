// The ends of a filter graph that is about to be parsed: its open pads by name, and sources of frames that
// lie on a device. Plain functions; safe from any thread on a graph of one's own.
#pragma once

#include <memory>
#include <string>

#include "engine/pipeline/av.h"

namespace millrace::engine {

struct InOutDelete {
  void operator()(AVFilterInOut* ends) const { avfilter_inout_free(&ends); }
};
using InOutPtr = std::unique_ptr<AVFilterInOut, InOutDelete>;

// The pad of a filter that a description calls by this name, and those that `next` holds.
InOutPtr open_end(const std::string& name, AVFilterContext* filter, InOutPtr next = {});

// Adds a source of frames out of `pool`, which has to be there when the source is initialised. Below 0:
// libav's error.
int add_device_source(AVFilterGraph& graph, const std::string& name, AVBufferRef& pool,
                      const std::string& arguments, AVFilterContext*& source);

}  // namespace millrace::engine
