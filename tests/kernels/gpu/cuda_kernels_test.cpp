#include "kernels/cuda_kernels.h"

#include <gtest/gtest.h>

#include <deque>

#include "kernels/cuda_session.h"
#include "kernels/reference.h"
#include "tests/kernels/pictures.h"

namespace millrace::kernels {
namespace {

// Both forms over the same pictures: every byte of the targets agrees, padding included.
class OnDevice : public ::testing::Test {
 protected:
  void SetUp() override {
    driver_ = load_cuda_driver();
    auto opened = CudaSession::open(driver_, 0);
    if (opened.session == nullptr) GTEST_SKIP() << opened.note;
    session_ = std::move(opened.session);
    RecordProperty("device", session_->device_name());
  }

  // Every image that this program holds and the driver takes; at least one must be.
  template <class Work>
  void with_each_image(const Work& work) {
    int taken = 0;
    for (const KernelImage& image : kernel_images()) {
      SCOPED_TRACE(image.name);
      const auto made = CudaKernels::make(driver_, session_->stream(), {&image, 1});
      if (made.kernels == nullptr) continue;
      ++taken;
      work(*made.kernels);
      EXPECT_EQ(made.kernels->failure(), "");
    }
    EXPECT_GE(taken, 1) << CudaKernels::make(driver_, session_->stream()).note;
  }

  // The picture's copy on the device, kept until the test ends.
  Surface there(Picture& picture) {
    memory_.emplace_back(*session_, std::span<const std::byte>(picture.bytes()));
    EXPECT_NE(memory_.back().address(), nullptr);
    return picture.at(memory_.back().address());
  }
  const std::byte* there(std::span<const std::byte> tables) {
    memory_.emplace_back(*session_, tables);
    return memory_.back().address();
  }
  void expect_equal(Picture& wanted, const Surface& on_device) {
    ASSERT_EQ(session_->wait(), "");
    std::vector<std::byte> bytes(wanted.bytes().size());
    CudaAddress address = reinterpret_cast<CudaAddress>(on_device.luma);
    ASSERT_EQ(driver_.copy_to_host(bytes.data(), address, bytes.size()), kCudaSuccess);
    EXPECT_EQ(bytes, wanted.bytes());
  }

  CudaDriver driver_;
  std::unique_ptr<CudaSession> session_;
  std::deque<CudaMemory> memory_;  // goes before the session
  ReferenceKernels reference_;
};

TEST_F(OnDevice, TheLadderEqualsTheReferenceBitForBit) {
  struct Case {
    int width, height;
    std::vector<LadderShape::Size> rungs;
  };
  const Case cases[] = {{1, 1, {{1, 1}, {5, 3}}},
                        {33, 17, {{33, 17}, {16, 9}, {67, 35}, {1, 1}}},
                        {1919, 1079, {{1280, 720}, {640, 361}, {33, 19}}},
                        {4096, 24, {{2048, 13}, {1366, 8}}}};
  with_each_image([&](CudaKernels& kernels) {
    for (const Case& c : cases)
      for (const Layout in : {Layout::nv12, Layout::p010})
        for (const Layout out : {Layout::planar8, Layout::p010})
          for (const Filter filter : {Filter::bicubic, Filter::lanczos3}) {
            SCOPED_TRACE(::testing::Message() << c.width << "x" << c.height);
            Picture source(c.width, c.height, in);
            source.fill(13);
            LadderShape shape;
            shape.source = {c.width, c.height};
            shape.rungs = c.rungs;
            shape.filter = filter;
            shape.source_depth = source.surface().depth;
            std::deque<Picture> targets;
            for (const auto& size : c.rungs) targets.emplace_back(size.width, size.height, out);
            shape.target_depth = targets[0].surface().depth;
            const LadderTables tables(shape);
            const std::vector<Blend> blends(20 * 12, {93U << 14U, 3U << 14U});
            const OverlayTables overlay(
                {{{{7, 3, 20, 12}, blends}, {{3, 1, 20, 12}, blends}, {{3, 1, 20, 12}, blends}}});
            Ladder device = tables.at(there(tables.bytes()));
            Ladder host = tables.at(tables.bytes().data());
            device.source = there(source);
            host.source = source.surface();
            const Overlay over_there = overlay.at(there(overlay.bytes()));
            for (std::size_t i = 0; i < targets.size(); ++i) {
              device.rungs[i].target = there(targets[i]);
              device.rungs[i].overlay = over_there;
              host.rungs[i].target = targets[i].surface();
              host.rungs[i].overlay = overlay.at(overlay.bytes().data());
            }
            kernels.ladder(device);
            reference_.ladder(host);
            for (std::size_t i = 0; i < targets.size(); ++i) expect_equal(targets[i], device.rungs[i].target);
            memory_.clear();
          }
  });
}

TEST_F(OnDevice, ConvertingEqualsTheReferenceBitForBit) {
  constexpr Colour hdr{Matrix::bt2020, Primaries::bt2020, Transfer::pq, Range::limited};
  constexpr Colour hlg{Matrix::bt2020, Primaries::bt2020, Transfer::hlg, Range::limited};
  constexpr Colour sd{Matrix::bt601, Primaries::bt601_525, Transfer::sdr, Range::full};
  with_each_image([&](CudaKernels& kernels) {
    for (const Colour& from : {hdr, hlg, sd, Colour{}})
      for (const Layout in : {Layout::nv12, Layout::p010})
        for (const Layout out : {Layout::nv12, Layout::planar10})
          for (const auto& [width, height] : {std::pair{1, 1}, {33, 7}, {1919, 107}}) {
            Picture source(width, height, in), target(width, height, out);
            source.fill(17);
            for (const ToneCurve curve : {ToneCurve::bt2390, ToneCurve::hable}) {
              const ColourMap map = make_colour_map(from, source.surface().depth, Colour{},
                                                    target.surface().depth, {1000, 100, curve});
              const Surface on_device = there(target);
              kernels.convert({there(source), on_device, map});
              reference_.convert({source.surface(), target.surface(), map});
              expect_equal(target, on_device);
              memory_.clear();
            }
          }
  });
}

TEST_F(OnDevice, DeinterlacingEqualsTheReferenceBitForBit) {
  with_each_image([&](CudaKernels& kernels) {
    for (const Layout layout : {Layout::nv12, Layout::p010, Layout::planar8})
      for (const auto& [width, height] : {std::pair{1, 1}, {33, 7}, {720, 576}})
        for (const int kept : {0, 1}) {
          Picture previous(width, height, layout), current(width, height, layout),
              next(width, height, layout), target(width, height, layout);
          previous.fill(1);
          current.fill(2);
          next.fill(3);
          const Surface on_device = there(target);
          kernels.deinterlace({there(previous), there(current), there(next), on_device, kept, 1 - kept});
          reference_.deinterlace(
              {previous.surface(), current.surface(), next.surface(), target.surface(), kept, 1 - kept});
          expect_equal(target, on_device);
          memory_.clear();
        }
  });
}

TEST_F(OnDevice, TurningEqualsTheReferenceBitForBit) {
  with_each_image([&](CudaKernels& kernels) {
    for (const Layout layout : {Layout::nv12, Layout::p010, Layout::planar8, Layout::planar10})
      for (const auto& [width, height] : {std::pair{1, 1}, {33, 7}, {1919, 107}})
        for (const int quarters : {0, 1, 2, 3})
          for (const int mirrored : {0, 1}) {
            const bool swapped = quarters % 2 != 0;
            Picture source(width, height, layout),
                target(swapped ? height : width, swapped ? width : height, layout);
            source.fill(5);
            const Surface on_device = there(target);
            kernels.turn({there(source), on_device, quarters, mirrored});
            reference_.turn({source.surface(), target.surface(), quarters, mirrored});
            expect_equal(target, on_device);
            memory_.clear();
          }
  });
}

}  // namespace
}  // namespace millrace::kernels
