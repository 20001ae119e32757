#include "engine/backend/nvidia/device_ladder.h"

#include <fmt/format.h>

#include <new>
#include <utility>

#include "engine/backend/device_failure.h"
#include "engine/base/work_count.h"

namespace millrace::engine {
namespace {

using Pictures = std::vector<FramePtr>;  // by rendition

void free_pictures(void* pictures, std::uint8_t* /*data*/) { delete static_cast<Pictures*>(pictures); }

// A frame of nothing but `from`'s properties and the pictures. Each branch takes one of its own out of what
// they all share.
FramePtr carrier_of(std::unique_ptr<Pictures> pictures, const AVFrame& from) {
  FramePtr carrier = make_frame();
  if (av_frame_copy_props(carrier.get(), &from) < 0) throw std::bad_alloc();
  carrier->sample_aspect_ratio = {1, 1};
  carrier->crop_left = carrier->crop_right = carrier->crop_top = carrier->crop_bottom = 0;
  carrier->format = AV_PIX_FMT_CUDA;
  carrier->width = from.width;
  carrier->height = from.height;
  carrier->buf[0] = av_buffer_create(reinterpret_cast<std::uint8_t*>(pictures.get()), sizeof(Pictures),
                                     free_pictures, pictures.get(), 0);
  if (carrier->buf[0] == nullptr) throw std::bad_alloc();
  carrier->data[0] = carrier->buf[0]->data;
  static_cast<void>(pictures.release());
  return carrier;
}

SlabPicture picture_of(const PlannedRendition& rendition) {
  return {rendition.width, rendition.height, rendition.ten_bit};
}

std::vector<SlabPicture> for_the_cpu(const Plan& plan) {
  std::vector<SlabPicture> pictures;
  for (const PlannedRendition& each : plan.renditions)
    if (each.encode_device == kCpu) pictures.push_back(picture_of(each));
  return pictures;
}

bool is_same(const kernels::LadderShape& one, const kernels::LadderShape& other) {
  return one.source.width == other.source.width && one.source.height == other.source.height &&
         one.source_depth == other.source_depth && one.range == other.range && one.site == other.site;
}

}  // namespace

// The filters of a launch, as long as the source keeps its shape.
struct DeviceLadder::Launch {
  std::vector<std::size_t> renditions;
  kernels::LadderShape shape;
  std::optional<kernels::LadderTables> tables;
  std::unique_ptr<kernels::CudaMemory> there;
};

DeviceLadder::DeviceLadder(NvidiaDevice& device, const Plan& plan, const OverlaySet& overlays,
                           Sink<FramePtr>& out)
    : device_(device),
      plan_(plan),
      out_(out),
      slabs_(device, slab_layout(for_the_cpu(plan))),
      overlays_(device, plan, overlays) {
  for (std::vector<std::size_t>& renditions : launches_of(plan)) {
    launches_.push_back(std::make_unique<Launch>());
    launches_.back()->renditions = std::move(renditions);
  }
}

Result<std::unique_ptr<DeviceLadder>> DeviceLadder::make(NvidiaDevice& device, const Plan& plan,
                                                         const OverlaySet& overlays, Sink<FramePtr>& out) {
  std::unique_ptr<DeviceLadder> ladder(new DeviceLadder(device, plan, overlays, out));
  auto planes = ladder->slabs_.layout().pictures.begin();
  for (const PlannedRendition& each : plan.renditions) {
    Rung rung;
    if (each.encode_device == kCpu) {
      rung.planes = &*planes++;
    } else {
      auto surfaces = SurfacePool::make(device, picture_of(each));
      if (!surfaces.ok()) return surfaces.status();
      rung.surfaces = std::move(*surfaces);
    }
    ladder->rungs_.push_back(std::move(rung));
  }
  return ladder;
}

DeviceLadder::~DeviceLadder() = default;

Status DeviceLadder::fit(const kernels::Surface& source, const AVFrame& frame) {
  for (const auto& launch : launches_) {
    kernels::LadderShape shape = shape_of(source, frame, plan_, launch->renditions);
    if (launch->tables && is_same(shape, launch->shape)) continue;
    if (const std::string why = kernels::refused(shape); !why.empty())
      return blamed_on(Stage::filters,
                       {Code::unsupported, fmt::format("filters on {}: {}", device_.name(), why)});
    launch->tables.emplace(shape);
    launch->shape = std::move(shape);
    launch->there = std::make_unique<kernels::CudaMemory>(device_.session(), launch->tables->bytes());
    if (launch->there->address() == nullptr)
      return device_failure(Stage::filters, device_.name(), AVERROR(ENOMEM),
                            "no memory for the filters' tables");
  }
  return {};
}

Status DeviceLadder::take(std::vector<FramePtr>& pictures, std::vector<kernels::Surface>& targets) {
  slab_.reset();
  if (!slabs_.layout().pictures.empty()) {
    auto slab = slabs_.take();
    if (!slab.ok()) return slab.status();
    slab_ = std::move(*slab);
  }
  for (const Rung& rung : rungs_) {
    if (rung.planes != nullptr) {
      pictures.push_back(frame_over(*rung.planes, slab_));
      targets.push_back(surface_of(*rung.planes, slab_->device));
      continue;
    }
    auto frame = rung.surfaces->take();
    if (!frame.ok()) return frame.status();
    const auto surface = source_surface(**frame, format_on_device(**frame));
    if (!surface.ok()) return surface.status();
    pictures.push_back(std::move(*frame));
    targets.push_back(*surface);
  }
  return {};
}

Status DeviceLadder::scale(const kernels::Surface& source, const std::vector<kernels::Surface>& targets) {
  for (const auto& launch : launches_) {
    kernels::Ladder ladder = launch->tables->at(launch->there->address());
    ladder.source = source;
    for (std::size_t i = 0; i < launch->renditions.size(); ++i) {
      ladder.rungs[i].target = targets[launch->renditions[i]];
      ladder.rungs[i].overlay = overlays_.of(launch->renditions[i]);
    }
    device_.kernels().ladder(ladder);
  }
  return device_.launched();
}

Status DeviceLadder::copy_down() {
  if (!slab_) return {};
  const kernels::CudaDriver& driver = device_.driver();
  const kernels::CudaHandle stream = device_.session().stream();
  const auto from = reinterpret_cast<kernels::CudaAddress>(slab_->device);
  if (const auto error = driver.queue_to_host(slab_->host, from, slabs_.layout().bytes, stream);
      error != kernels::kCudaSuccess)
    return device_.failed(Stage::filters, "copying scaled pictures", error);
  if (const auto error = driver.event_record(slab_->event, stream); error != kernels::kCudaSuccess)
    return device_.failed(Stage::filters, "cuEventRecord", error);
  slab_.reset();
  return {};
}

Status DeviceLadder::push(FramePtr frame) {
  const auto source = device_surface(device_, *frame);
  if (!source.ok()) return source.status();
  auto pictures = std::make_unique<Pictures>();
  std::vector<kernels::Surface> targets;
  if (Status status = fit(*source, *frame); !status.ok()) return status;
  if (Status status = overlays_.fit(*frame); !status.ok()) return status;
  if (Status status = take(*pictures, targets); !status.ok()) return status;
  if (Status status = scale(*source, targets); !status.ok()) return status;
  if (Status status = copy_down(); !status.ok()) return status;
  note_work();
  // The source may go once the launch is queued: what its decoder does to the surface next is queued behind
  // it.
  return out_.push(carrier_of(std::move(pictures), *frame));
}

Status RungPick::push(FramePtr frame) {
  // Nobody else touches this one of the pictures.
  FramePtr picture = std::move((*static_cast<Pictures*>(av_buffer_get_opaque(frame->buf[0])))[rendition_]);
  if (!picture) return {Code::internal, "a rendition's picture was taken twice"};
  if (av_frame_copy_props(picture.get(), frame.get()) < 0) throw std::bad_alloc();
  return out_.push(std::move(picture));
}

}  // namespace millrace::engine
