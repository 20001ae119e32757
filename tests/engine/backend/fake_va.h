// FakeVa is a VAAPI driver in memory, behind libva's and libav's own code: surfaces hold bytes, the video
// processor scales by the nearest sample and blends nothing, a decoder gives grey pictures, an encoder gives
// back the headers that libavcodec packed. What it offers, and where it fails, is plain data that a test
// fills in before device().
#pragma once

#include <va/va.h>
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>
#include <va/va_vpp.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/pipeline/av.h"

namespace millrace::test {

struct FakeAbility {
  VAProfile profile;
  VAEntrypoint entrypoint;
  unsigned rate_modes = VA_RC_VBR | VA_RC_CQP;
  unsigned quality_levels = 7;
};

// What the video processor was told of a picture that is to be laid over another.
struct FakeBlend {
  unsigned flags;  // VA_BLEND_*
  float global_alpha;
  VARectangle from;  // of the surface
  unsigned width;    // of the surface
  unsigned height;
};

class FakeVa {
 public:
  FakeVa();

  // An AVHWDeviceContext on this driver, which must outlive it.
  engine::BufferPtr device();

  // What it offers: as an Intel GPU, without the fixed-function encoder.
  std::vector<FakeAbility> abilities = {{VAProfileNone, VAEntrypointVideoProc},
                                        {VAProfileH264Main, VAEntrypointVLD},
                                        {VAProfileH264High, VAEntrypointEncSlice},
                                        {VAProfileHEVCMain, VAEntrypointEncSlice},
                                        {VAProfileHEVCMain10, VAEntrypointEncSlice}};
  unsigned past_references = 0;    // that its deinterlacer looks at
  unsigned future_references = 0;  // likewise
  unsigned blend_flags = 0;        // VA_BLEND_* of its video processor

  // Where it fails.
  VAStatus context_error = VA_STATUS_SUCCESS;
  VAStatus picture_error = VA_STATUS_SUCCESS;  // of each picture from this one on, counted over all contexts
  int fails_from_picture = 0;

  // What it was told.
  std::vector<VAEntrypoint> opened;  // contexts
  unsigned rate_mode = 0;            // of the last encoder: a VA_RC_*
  unsigned bits_per_second = 0;
  unsigned target_percentage = 0;
  unsigned quality_level = 0;
  int pictures = 0;
  std::vector<FakeBlend> blends;
  std::vector<std::uint8_t> encoded;  // the last picture: its surface
  int went_up = 0;                    // pictures
  int came_down = 0;

  // What it holds now.
  std::size_t surfaces() const { return surfaces_.size(); }
  std::size_t contexts() const { return contexts_.size(); }
  std::size_t buffers() const { return buffers_.size(); }

 private:
  struct Surface {
    unsigned fourcc = VA_FOURCC_NV12;
    unsigned width = 0;
    unsigned height = 0;
    std::vector<std::uint8_t> bytes;
  };
  struct Buffer {
    VABufferType type = VAPictureParameterBufferType;
    std::vector<std::uint8_t> bytes;
    Surface* surface = nullptr;      // of a derived image: its bytes are the surface's
    std::string coded = {};          // of a coded buffer
    VACodedBufferSegment segment{};  // likewise
  };
  struct Context {
    FakeAbility ability;
    VASurfaceID target = VA_INVALID_ID;
    std::vector<VABufferID> rendered = {};
  };
  struct Calls;  // the driver's functions

  static Surface make_surface(unsigned fourcc, unsigned width, unsigned height);
  static VAImage image_of(const Surface& surface, VAImageID id);
  VAStatus finish(Context& context);
  void process(const VAProcPipelineParameterBuffer& job, Surface& target);
  void encode(const Context& context);
  VAStatus told(const Buffer& misc);

  VADriverVTable functions_{};
  VADriverVTableVPP video_processor_{};
  VADriverContext driver_{};
  VADisplayContext display_{};
  unsigned next_ = 1;
  std::map<unsigned, FakeAbility> configs_;
  std::map<unsigned, Surface> surfaces_;
  std::map<unsigned, Context> contexts_;
  std::map<unsigned, Buffer> buffers_;
};

}  // namespace millrace::test
