#include "engine/pipeline/filter_ends.h"

extern "C" {
#include <libavfilter/buffersrc.h>
#include <libavutil/mem.h>
}

namespace millrace::engine {

InOutPtr open_end(const std::string& name, AVFilterContext* filter, InOutPtr next) {
  InOutPtr end(avfilter_inout_alloc());
  end->name = av_strdup(name.c_str());
  end->filter_ctx = filter;
  end->next = next.release();
  return end;
}

int add_device_source(AVFilterGraph& graph, const std::string& name, AVBufferRef& pool,
                      const std::string& arguments, AVFilterContext*& source) {
  source = avfilter_graph_alloc_filter(&graph, avfilter_get_by_name("buffer"), name.c_str());
  std::unique_ptr<AVBufferSrcParameters, decltype(&av_free)> parameters(av_buffersrc_parameters_alloc(),
                                                                        av_free);
  if (source == nullptr || !parameters) return AVERROR(ENOMEM);
  parameters->hw_frames_ctx = &pool;  // it takes a reference of its own
  const int error = av_buffersrc_parameters_set(source, parameters.get());
  return error < 0 ? error : avfilter_init_str(source, arguments.c_str());
}

}  // namespace millrace::engine
