// SoftwareDecoder: libavcodec, for pictures and sound. It refuses damage instead of hiding it.
#pragma once

#include <memory>
#include <string>

#include "engine/backend/backend.h"

namespace millrace::engine {

// A device whose engine decodes for libavcodec's own decoder, which then only reads headers.
struct DeviceDecode {
  AVBufferRef* device = nullptr;           // an AVHWDeviceContext; not owned, used while the decoder is made
  AVPixelFormat format = AV_PIX_FMT_NONE;  // of its pictures
  int extra_surfaces = 0;                  // that what follows holds at once
  std::string name;                        // as plans name the device
};

class SoftwareDecoder final : public Sink<PacketPtr> {
 public:
  // unsupported when this FFmpeg has no such decoder.
  static Result<std::unique_ptr<SoftwareDecoder>> open(const DecoderSettings& settings, Sink<FramePtr>& out);
  // Pictures come out on the device. What it cannot do, and all its failures but damage, are blamed_on()
  // decoding, some not before the first packets.
  static Result<std::unique_ptr<SoftwareDecoder>> open(const DecoderSettings& settings,
                                                       const DeviceDecode& device, Sink<FramePtr>& out);

  Status push(PacketPtr packet) override;
  // corrupt_input when not one frame came out.
  Status finish() override;

  // Everything it still holds goes on; then it begins anew with packets of another place. Damage before
  // `strict_from_pts` is let pass from here on. `out` is not finished.
  Status restart(std::int64_t strict_from_pts);
  // While set, coded pictures that no other is decoded from are left out where the codec marks them exactly
  // (H.264, MPEG-1 and MPEG-2); other codecs decode as before.
  void leave_out_unreferenced(bool on);

 private:
  SoftwareDecoder(const DecoderSettings& settings, DeviceDecode device, CodecPtr codec, Sink<FramePtr>& out);
  static AVPixelFormat choose_format(AVCodecContext* codec, const AVPixelFormat* offered);
  bool on_device() const { return device_.format != AV_PIX_FMT_NONE; }
  // The device's own failure; ok where the error is damage in the source.
  Status device_failed(int error) const;
  Status drain();
  // No more packets of this place: what it holds goes on.
  Status end();
  // Ends the task, or tells of it where damage is let pass.
  Status damaged(std::int64_t pts, const std::string& what) const;

  const DecoderSettings settings_;  // `parameters` is not used any more
  const DeviceDecode device_;       // nor its `device`
  bool device_refused_ = false;
  CodecPtr codec_;
  Sink<FramePtr>& out_;
  std::int64_t strict_from_pts_;
  bool fed_ = false;  // since it began or was restarted
  bool found_key_ = false;
  bool gave_frame_ = false;
  std::int64_t last_pts_;
};

}  // namespace millrace::engine
