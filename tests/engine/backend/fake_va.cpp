#include "tests/engine/backend/fake_va.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

extern "C" {
#include <libavutil/hwcontext.h>
#include <libavutil/hwcontext_vaapi.h>
}

namespace millrace::test {
namespace {

constexpr int kDisplayMagic = 0x56414430;  // libva's: "VAD0"

// Of BGRA, whose samples are pixels, nothing but the size is looked at.
unsigned bytes_per_sample(unsigned fourcc) {
  if (fourcc == VA_FOURCC_BGRA) return 4;
  return fourcc == VA_FOURCC_P010 ? 2 : 1;
}

template <class T>
T* data_of(std::vector<std::uint8_t>& bytes) {
  return reinterpret_cast<T*>(bytes.data());
}

}  // namespace

FakeVa::Surface FakeVa::make_surface(unsigned fourcc, unsigned width, unsigned height) {
  const std::size_t lines = height + (height + 1) / 2;
  const std::size_t pitch = (width + 1) / 2 * 2 * bytes_per_sample(fourcc);
  return {fourcc, width, height, std::vector<std::uint8_t>(pitch * lines, 0x80)};
}

VAImage FakeVa::image_of(const Surface& surface, VAImageID id) {
  const unsigned pitch = (surface.width + 1) / 2 * 2 * bytes_per_sample(surface.fourcc);
  VAImage image{};
  image.image_id = image.buf = id;
  image.format.fourcc = surface.fourcc;
  image.width = static_cast<std::uint16_t>(surface.width);
  image.height = static_cast<std::uint16_t>(surface.height);
  image.data_size = static_cast<std::uint32_t>(surface.bytes.size());
  image.num_planes = 2;
  image.pitches[0] = image.pitches[1] = pitch;
  image.offsets[1] = pitch * surface.height;
  return image;
}

// The driver's functions, by the names that libva has for them.
struct FakeVa::Calls {
  static FakeVa& of(VADriverContextP context) { return *static_cast<FakeVa*>(context->pDriverData); }

  static VAStatus profiles(VADriverContextP context, VAProfile* list, int* count) {
    *count = 0;
    for (const FakeAbility& each : of(context).abilities)
      if (std::find(list, list + *count, each.profile) == list + *count) list[(*count)++] = each.profile;
    return VA_STATUS_SUCCESS;
  }
  static VAStatus entrypoints(VADriverContextP context, VAProfile profile, VAEntrypoint* list, int* count) {
    *count = 0;
    for (const FakeAbility& each : of(context).abilities)
      if (each.profile == profile) list[(*count)++] = each.entrypoint;
    return VA_STATUS_SUCCESS;
  }
  static const FakeAbility* ability(VADriverContextP context, VAProfile profile, VAEntrypoint entrypoint) {
    for (const FakeAbility& each : of(context).abilities)
      if (each.profile == profile && each.entrypoint == entrypoint) return &each;
    return nullptr;
  }
  static VAStatus attributes(VADriverContextP context, VAProfile profile, VAEntrypoint entrypoint,
                             VAConfigAttrib* list, int count) {
    const FakeAbility* found = ability(context, profile, entrypoint);
    if (found == nullptr) return VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
    for (VAConfigAttrib* each = list; each != list + count; ++each) {
      each->value = VA_ATTRIB_NOT_SUPPORTED;
      if (each->type == VAConfigAttribRTFormat) each->value = VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV420_10;
      if (each->type == VAConfigAttribRateControl) each->value = found->rate_modes;
      if (each->type == VAConfigAttribEncMaxRefFrames) each->value = 1;
      if (each->type == VAConfigAttribEncQualityRange) each->value = found->quality_levels;
      if (each->type == VAConfigAttribEncPackedHeaders)
        each->value = VA_ENC_PACKED_HEADER_SEQUENCE | VA_ENC_PACKED_HEADER_PICTURE |
                      VA_ENC_PACKED_HEADER_SLICE | VA_ENC_PACKED_HEADER_MISC;
    }
    return VA_STATUS_SUCCESS;
  }
  static VAStatus create_config(VADriverContextP context, VAProfile profile, VAEntrypoint entrypoint,
                                VAConfigAttrib* list, int count, VAConfigID* id) {
    const FakeAbility* found = ability(context, profile, entrypoint);
    if (found == nullptr) return VA_STATUS_ERROR_UNSUPPORTED_PROFILE;
    FakeVa& fake = of(context);
    for (const VAConfigAttrib* each = list; each != list + count; ++each)
      if (each->type == VAConfigAttribRateControl) fake.rate_mode = each->value;
    *id = fake.next_++;
    fake.configs_[*id] = *found;
    return VA_STATUS_SUCCESS;
  }
  static VAStatus destroy_config(VADriverContextP context, VAConfigID id) {
    of(context).configs_.erase(id);
    return VA_STATUS_SUCCESS;
  }
  static VAStatus surface_attributes(VADriverContextP, VAConfigID, VASurfaceAttrib* list, unsigned* count) {
    const std::vector<std::pair<VASurfaceAttribType, int>> known = {
        {VASurfaceAttribPixelFormat, VA_FOURCC_NV12},
        {VASurfaceAttribPixelFormat, VA_FOURCC_P010},
        {VASurfaceAttribPixelFormat, VA_FOURCC_BGRA},
        {VASurfaceAttribMinWidth, 16},
        {VASurfaceAttribMinHeight, 16},
        {VASurfaceAttribMaxWidth, 4096},
        {VASurfaceAttribMaxHeight, 4096}};
    for (std::size_t i = 0; list != nullptr && i < known.size(); ++i) {
      list[i] = {};
      list[i].type = known[i].first;
      list[i].flags = VA_SURFACE_ATTRIB_GETTABLE;
      list[i].value.type = VAGenericValueTypeInteger;
      list[i].value.value.i = known[i].second;
    }
    *count = static_cast<unsigned>(known.size());
    return VA_STATUS_SUCCESS;
  }
  static VAStatus create_surfaces(VADriverContextP context, unsigned, unsigned width, unsigned height,
                                  VASurfaceID* list, unsigned count, VASurfaceAttrib* attributes,
                                  unsigned attribute_count) {
    FakeVa& fake = of(context);
    unsigned fourcc = VA_FOURCC_NV12;
    for (const VASurfaceAttrib* each = attributes; each != attributes + attribute_count; ++each)
      if (each->type == VASurfaceAttribPixelFormat) fourcc = static_cast<unsigned>(each->value.value.i);
    for (unsigned i = 0; i < count; ++i) {
      list[i] = fake.next_++;
      fake.surfaces_[list[i]] = make_surface(fourcc, width, height);
    }
    return VA_STATUS_SUCCESS;
  }
  static VAStatus destroy_surfaces(VADriverContextP context, VASurfaceID* list, int count) {
    for (const VASurfaceID* each = list; each != list + count; ++each) of(context).surfaces_.erase(*each);
    return VA_STATUS_SUCCESS;
  }
  static VAStatus create_context(VADriverContextP context, VAConfigID config, int, int, int, VASurfaceID*,
                                 int, VAContextID* id) {
    FakeVa& fake = of(context);
    if (fake.context_error != VA_STATUS_SUCCESS) return fake.context_error;
    *id = fake.next_++;
    fake.contexts_[*id] = {fake.configs_.at(config)};
    fake.opened.push_back(fake.configs_.at(config).entrypoint);
    return VA_STATUS_SUCCESS;
  }
  static VAStatus destroy_context(VADriverContextP context, VAContextID id) {
    of(context).contexts_.erase(id);
    return VA_STATUS_SUCCESS;
  }
  static VAStatus create_buffer(VADriverContextP context, VAContextID, VABufferType type, unsigned size,
                                unsigned count, void* data, VABufferID* id) {
    FakeVa& fake = of(context);
    *id = fake.next_++;
    Buffer& buffer = fake.buffers_[*id];
    buffer.type = type;
    buffer.bytes.resize(std::size_t{size} * count);
    if (data != nullptr) std::memcpy(buffer.bytes.data(), data, buffer.bytes.size());
    return VA_STATUS_SUCCESS;
  }
  static VAStatus map_buffer(VADriverContextP context, VABufferID id, void** data) {
    Buffer& buffer = of(context).buffers_.at(id);
    *data = buffer.surface != nullptr ? buffer.surface->bytes.data() : buffer.bytes.data();
    if (buffer.surface != nullptr) ++of(context).went_up;  // libav reads from copies
    if (buffer.type != VAEncCodedBufferType) return VA_STATUS_SUCCESS;
    buffer.segment = {};
    buffer.segment.size = static_cast<std::uint32_t>(buffer.coded.size());
    buffer.segment.buf = buffer.coded.data();
    *data = &buffer.segment;
    return VA_STATUS_SUCCESS;
  }
  static VAStatus unmap_buffer(VADriverContextP, VABufferID) { return VA_STATUS_SUCCESS; }
  static VAStatus destroy_buffer(VADriverContextP context, VABufferID id) {
    of(context).buffers_.erase(id);
    return VA_STATUS_SUCCESS;
  }
  static VAStatus begin(VADriverContextP context, VAContextID id, VASurfaceID target) {
    of(context).contexts_.at(id).target = target;
    of(context).contexts_.at(id).rendered.clear();
    return VA_STATUS_SUCCESS;
  }
  static VAStatus render(VADriverContextP context, VAContextID id, VABufferID* list, int count) {
    FakeVa& fake = of(context);
    for (const VABufferID* each = list; each != list + count; ++each) {
      fake.contexts_.at(id).rendered.push_back(*each);
      if (VAStatus status = fake.told(fake.buffers_.at(*each)); status != VA_STATUS_SUCCESS) return status;
    }
    return VA_STATUS_SUCCESS;
  }
  static VAStatus end(VADriverContextP context, VAContextID id) {
    return of(context).finish(of(context).contexts_.at(id));
  }
  static VAStatus sync(VADriverContextP, VASurfaceID) { return VA_STATUS_SUCCESS; }
  static VAStatus image_formats(VADriverContextP, VAImageFormat* list, int* count) {
    *count = 0;
    for (const unsigned fourcc : {VA_FOURCC_NV12, VA_FOURCC_P010}) {
      list[*count] = {};
      list[(*count)++].fourcc = fourcc;
    }
    return VA_STATUS_SUCCESS;
  }
  static VAStatus derive_image(VADriverContextP context, VASurfaceID surface, VAImage* image) {
    FakeVa& fake = of(context);
    const unsigned id = fake.next_++;
    fake.buffers_[id].type = VAImageBufferType;
    fake.buffers_[id].surface = &fake.surfaces_.at(surface);
    *image = image_of(fake.surfaces_.at(surface), id);
    return VA_STATUS_SUCCESS;
  }
  static VAStatus create_image(VADriverContextP context, VAImageFormat* format, int width, int height,
                               VAImage* image) {
    FakeVa& fake = of(context);
    const unsigned id = fake.next_++;
    Surface shape = make_surface(format->fourcc, static_cast<unsigned>(width), static_cast<unsigned>(height));
    *image = image_of(shape, id);
    fake.buffers_[id].type = VAImageBufferType;
    fake.buffers_[id].bytes = std::move(shape.bytes);
    return VA_STATUS_SUCCESS;
  }
  // Of whole surfaces: libav asks for no other.
  static VAStatus get_image(VADriverContextP context, VASurfaceID surface, int, int, unsigned, unsigned,
                            VAImageID image) {
    of(context).buffers_.at(image).bytes = of(context).surfaces_.at(surface).bytes;
    ++of(context).came_down;
    return VA_STATUS_SUCCESS;
  }
  static VAStatus put_image(VADriverContextP context, VASurfaceID surface, VAImageID image, int, int,
                            unsigned, unsigned, int, int, unsigned, unsigned) {
    of(context).surfaces_.at(surface).bytes = of(context).buffers_.at(image).bytes;
    return VA_STATUS_SUCCESS;
  }
  static VAStatus filters(VADriverContextP, VAContextID, VAProcFilterType* list, unsigned* count) {
    list[0] = VAProcFilterDeinterlacing;
    *count = 1;
    return VA_STATUS_SUCCESS;
  }
  static VAStatus filter_caps(VADriverContextP, VAContextID, VAProcFilterType, void* caps, unsigned* count) {
    static_cast<VAProcFilterCapDeinterlacing*>(caps)->type = VAProcDeinterlacingMotionAdaptive;
    *count = 1;
    return VA_STATUS_SUCCESS;
  }
  static VAStatus pipeline_caps(VADriverContextP context, VAContextID, VABufferID*, unsigned filter_count,
                                VAProcPipelineCaps* caps) {
    *caps = {};
    caps->blend_flags = of(context).blend_flags;
    if (filter_count == 0) return VA_STATUS_SUCCESS;
    caps->num_forward_references = of(context).past_references;
    caps->num_backward_references = of(context).future_references;
    return VA_STATUS_SUCCESS;
  }
};

FakeVa::FakeVa() {
  functions_.vaQueryConfigProfiles = Calls::profiles;
  functions_.vaQueryConfigEntrypoints = Calls::entrypoints;
  functions_.vaGetConfigAttributes = Calls::attributes;
  functions_.vaCreateConfig = Calls::create_config;
  functions_.vaDestroyConfig = Calls::destroy_config;
  functions_.vaQuerySurfaceAttributes = Calls::surface_attributes;
  functions_.vaCreateSurfaces2 = Calls::create_surfaces;
  functions_.vaDestroySurfaces = Calls::destroy_surfaces;
  functions_.vaCreateContext = Calls::create_context;
  functions_.vaDestroyContext = Calls::destroy_context;
  functions_.vaCreateBuffer = Calls::create_buffer;
  functions_.vaMapBuffer = Calls::map_buffer;
  functions_.vaUnmapBuffer = Calls::unmap_buffer;
  functions_.vaDestroyBuffer = Calls::destroy_buffer;
  functions_.vaDestroyImage = Calls::destroy_buffer;
  functions_.vaBeginPicture = Calls::begin;
  functions_.vaRenderPicture = Calls::render;
  functions_.vaEndPicture = Calls::end;
  functions_.vaSyncSurface = Calls::sync;
  functions_.vaQueryImageFormats = Calls::image_formats;
  functions_.vaDeriveImage = Calls::derive_image;
  functions_.vaCreateImage = Calls::create_image;
  functions_.vaGetImage = Calls::get_image;
  functions_.vaPutImage = Calls::put_image;
  video_processor_.vaQueryVideoProcFilters = Calls::filters;
  video_processor_.vaQueryVideoProcFilterCaps = Calls::filter_caps;
  video_processor_.vaQueryVideoProcPipelineCaps = Calls::pipeline_caps;
  driver_.pDriverData = this;
  driver_.vtable = &functions_;
  driver_.vtable_vpp = &video_processor_;
  driver_.max_profiles = driver_.max_entrypoints = driver_.max_attributes = 64;
  driver_.max_image_formats = 8;
  driver_.str_vendor = "Fake driver 1.0";
  display_.vadpy_magic = kDisplayMagic;
  display_.pDriverContext = &driver_;
  display_.vaIsValid = [](VADisplayContextP) { return 1; };
  display_.error_callback = display_.info_callback = [](void*, const char*) {};
}

engine::BufferPtr FakeVa::device() {
  engine::BufferPtr made(av_hwdevice_ctx_alloc(AV_HWDEVICE_TYPE_VAAPI));
  if (!made) throw std::bad_alloc();
  auto* context = reinterpret_cast<AVHWDeviceContext*>(made->data);
  static_cast<AVVAAPIDeviceContext*>(context->hwctx)->display = &display_;
  if (av_hwdevice_ctx_init(made.get()) < 0) throw std::runtime_error("no device of the fake VAAPI driver");
  return made;
}

VAStatus FakeVa::told(const Buffer& misc) {
  if (misc.type != VAEncMiscParameterBufferType) return VA_STATUS_SUCCESS;
  const auto* parameter = reinterpret_cast<const VAEncMiscParameterBuffer*>(misc.bytes.data());
  if (parameter->type == VAEncMiscParameterTypeRateControl) {
    const auto* rate = reinterpret_cast<const VAEncMiscParameterRateControl*>(parameter->data);
    bits_per_second = rate->bits_per_second;
    target_percentage = rate->target_percentage;
  }
  if (parameter->type == VAEncMiscParameterTypeQualityLevel)
    quality_level =
        reinterpret_cast<const VAEncMiscParameterBufferQualityLevel*>(parameter->data)->quality_level;
  return VA_STATUS_SUCCESS;
}

VAStatus FakeVa::finish(Context& context) {
  if (picture_error != VA_STATUS_SUCCESS && pictures >= fails_from_picture) return picture_error;
  ++pictures;
  if (context.ability.entrypoint == VAEntrypointVLD) {
    Surface& target = surfaces_.at(context.target);
    std::fill(target.bytes.begin(), target.bytes.end(), 0x80);
  } else if (context.ability.entrypoint == VAEntrypointVideoProc) {
    for (const VABufferID id : context.rendered)
      if (Buffer& job = buffers_.at(id); job.type == VAProcPipelineParameterBufferType)
        process(*data_of<VAProcPipelineParameterBuffer>(job.bytes), surfaces_.at(context.target));
  } else {
    encode(context);
  }
  return VA_STATUS_SUCCESS;
}

void FakeVa::process(const VAProcPipelineParameterBuffer& job, Surface& target) {
  const Surface& source = surfaces_.at(job.surface);
  const VARectangle whole{0, 0, static_cast<std::uint16_t>(source.width),
                          static_cast<std::uint16_t>(source.height)};
  const VARectangle& from = job.surface_region != nullptr ? *job.surface_region : whole;
  if (job.blend_state != nullptr) {
    blends.push_back(
        {job.blend_state->flags, job.blend_state->global_alpha, from, source.width, source.height});
    return;
  }
  const auto pitch = [](const Surface& surface) { return std::size_t{surface.width + 1} / 2 * 2; };
  // The high byte of a sample, which 8 and 10 bits share.
  const auto sample = [](auto& surface, std::size_t at) -> auto& {
    const unsigned width = bytes_per_sample(surface.fourcc);
    return surface.bytes[at * width + width - 1];
  };
  for (unsigned y = 0; y < target.height; ++y)
    for (unsigned x = 0; x < target.width; ++x)
      sample(target, y * pitch(target) + x) =
          sample(source, (y * from.height / target.height) * pitch(source) + x * from.width / target.width);
}

void FakeVa::encode(const Context& context) {
  std::string coded;
  VABufferID output = VA_INVALID_ID;
  for (const VABufferID id : context.rendered) {
    Buffer& buffer = buffers_.at(id);
    if (buffer.type == VAEncPackedHeaderDataBufferType)
      coded.append(data_of<const char>(buffer.bytes), buffer.bytes.size());
    if (buffer.type != VAEncPictureParameterBufferType) continue;
    output = context.ability.profile == VAProfileH264High
                 ? data_of<VAEncPictureParameterBufferH264>(buffer.bytes)->coded_buf
                 : data_of<VAEncPictureParameterBufferHEVC>(buffer.bytes)->coded_buf;
  }
  encoded = surfaces_.at(context.target).bytes;
  buffers_.at(output).coded = coded + "\x42\x42\x80";
}

}  // namespace millrace::test
