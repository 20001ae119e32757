// The pieces of the measurement; tests/system/capacity_test.py runs it whole.
#include "bench/capacity_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "bench/machine_load.h"
#include "hw/inventory_json.h"
#include "tests/bench/scripts.h"

namespace millrace::bench {
namespace {

using engine::Code;
using ::testing::HasSubstr;

TEST(CapacitySpec, IsPacedAndOfAProfileOrAFile) {
  const auto named = capacity_spec("720p-h264-veryfast", "file:///a.mp4");
  ASSERT_TRUE(named.ok()) << named.status().message();
  EXPECT_TRUE(named->real_time);
  EXPECT_EQ(named->input_url, "file:///a.mp4");
  const Scripts scripts;
  const auto file = [&](const std::string& text) {
    return capacity_spec(scripts.put("spec.json", text).string(), "file:///a.mp4");
  };
  const auto own = file(R"({"outputs": [{"name": "abr", "type": "adaptive"}], "input": {"url": "/x"}})");
  ASSERT_TRUE(own.ok()) << own.status().message();
  EXPECT_TRUE(own->real_time);
  EXPECT_EQ(own->input_url, "file:///a.mp4");
  for (const auto& [text, says] :
       {std::pair(R"([])", "no JSON object"), std::pair(R"({"outputs": 1})", "outputs"),
        std::pair(R"({"outputs": [{"name": "a", "type": "adaptive"}], "trim": {"to": 2}})",
                  "--seconds says")}) {
    EXPECT_EQ(file(text).status().code(), Code::invalid_argument);
    EXPECT_THAT(file(text).status().message(), HasSubstr(says));
  }
  EXPECT_THAT(capacity_spec("ladder", "/a").status().message(),
              testing::AllOf(HasSubstr("there are ladder-h264"), HasSubstr("no such file is here")));
}

TEST(CapacityBench, CountsTheSegmentsThatEndAfterTheWarmUp) {
  EXPECT_EQ(counted_segments(1, 4, 8, 68), 15U) << "of 17, two end in the warm-up";
  EXPECT_EQ(counted_segments(2, 4, 8, 66), 30U) << "the last one is short";
  EXPECT_EQ(counted_segments(1, 4, 9, 69), 16U) << "the third ends after it";
  EXPECT_EQ(counted_segments(1, 4, 0, 4), 1U);
}

TEST(CapacityBench, AShortSourceIsNamedAsOftenAsItTakes) {
  EXPECT_EQ(repetition_list("/a'b.mp4", 4.04, 5),
            "file '/a'\\''b.mp4'\nduration 4.040000\nfile '/a'\\''b.mp4'\nduration 4.040000\n");
}

TEST(CapacityBench, ACalibrationIsOfThisMachineOrNotUsed) {
  hw::Inventory machine;
  machine.cpu.model = "EPYC";
  machine.cpu.allowed_cores = machine.cpu.usable_cores = 8;
  nlohmann::ordered_json document = hw::to_json(machine);
  EXPECT_EQ(calibration_in(document.dump(), machine).status().code(), Code::corrupt_input);
  document["calibration"] = engine::to_json(engine::CostModel{{{"scale", 1.5}}});
  const auto model = calibration_in(document.dump(), machine);
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_EQ(model->factors.at("scale"), 1.5);
  machine.cpu.model = "Xeon";
  EXPECT_EQ(calibration_in(document.dump(), machine).status().code(), Code::unsupported);
  EXPECT_THAT(calibration_in(document.dump(), machine).status().message(),
              HasSubstr("another machine (EPYC, 8 cores)"));
  EXPECT_EQ(calibration_in("[]", machine).status().code(), Code::corrupt_input);
}

TEST(CapacityBench, AProgramThatIsNoMillraceIsAFailureAndLeavesNothing) {
  const Scripts scripts;
  CapacityOptions options;
  scripts.lead_nowhere(options);
  options.source = scripts.put("media/in.mp4", "media");
  const BenchListener listener{[](const Environment&) {}, [](std::string_view) {}};
  const StopFlag stop;
  EXPECT_FALSE(run_capacity_bench(options, listener, stop).ok());
  EXPECT_TRUE(std::filesystem::is_empty(options.folder));
}

// A machine in files: 100 clock ticks a second.
class LoadMeterTest : public testing::Test {
 protected:
  LoadMeterTest() {
    if (::sysconf(_SC_CLK_TCK) != 100) throw std::runtime_error("ticks are not a hundredth of a second");
  }
  void process(int pid, int parent, const std::string& name, int own, int children) const {
    machine_.put("proc/" + std::to_string(pid) + "/stat",
                 std::to_string(pid) + " (" + name + ") S " + std::to_string(parent) +
                     " 1 1 0 -1 4194560 1 2 3 4 " + std::to_string(own) + " 0 " + std::to_string(children) +
                     " 0 20 0 1 0 4711 9999\n");
  }
  void used(int user, int stolen) const {
    machine_.put("proc/stat", "cpu  " + std::to_string(user) + " 0 0 99999 77 0 0 " + std::to_string(stolen) +
                                  " 0 0\ncpu0 1 1 1 1\n");
  }
  LoadMeter meter() const { return LoadMeter(10, machine_.folder() / "proc", machine_.folder() / "sys"); }

  const Scripts machine_;
};

TEST_F(LoadMeterTest, TellsOursFromOthersAndWhatTheHypervisorTook) {
  process(10, 1, "bench", 0, 0);
  process(11, 10, "worker", 50, 100);
  process(20, 1, "cc1plus", 1000, 0);
  used(5000, 0);
  LoadMeter meter = this->meter();
  EXPECT_EQ(meter.look(0).own_cores, 0);
  EXPECT_TRUE(meter.others(0).empty());
  process(11, 10, "worker", 150, 200);
  process(20, 1, "cc1plus", 1060, 0);
  process(21, 1, "idle", 1, 0);
  used(5300, 40);
  const LoadSample sample = meter.look(2);
  EXPECT_NEAR(sample.own_cores, 1, 1e-9) << "two seconds in two, its ended children's too";
  EXPECT_NEAR(sample.other_cores, 0.7, 1e-9);
  EXPECT_FALSE(sample.watts);
  EXPECT_FALSE(sample.disk_stalls);
  const auto others = meter.others(2);
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0].name, "cc1plus");
  EXPECT_NEAR(others[0].cores, 0.3, 1e-9);
}

TEST_F(LoadMeterTest, ReadsPowerClocksAndStallsWhereTheMachineTellsThem) {
  used(1, 0);
  const auto energy = [&](long package0, long package1) {
    machine_.put("sys/class/powercap/intel-rapl:0/energy_uj", std::to_string(package0) + "\n");
    machine_.put("sys/class/powercap/intel-rapl:1/energy_uj", std::to_string(package1) + "\n");
  };
  energy(1'000'000, 5'000'000);
  machine_.put("sys/class/powercap/intel-rapl:0:0/energy_uj", "900000\n");
  machine_.put("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2000000\n");
  machine_.put("sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3000000\n");
  machine_.put("proc/pressure/io",
               "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\nfull avg10=0.00 total=5\n");
  LoadMeter meter = this->meter();
  EXPECT_FALSE(meter.look(0).watts) << "no mean yet";
  energy(41'000'000, 25'000'000);
  machine_.put("proc/pressure/io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n");
  const LoadSample sample = meter.look(2);
  EXPECT_NEAR(sample.watts.value(), 30, 1e-9);
  EXPECT_NEAR(sample.megahertz.value(), 2500, 1e-9);
  EXPECT_NEAR(sample.disk_stalls.value(), 0.25, 1e-9);
  energy(1'000, 26'000'000);
  EXPECT_FALSE(meter.look(3).watts) << "a counter that began anew";
  machine_.put("proc/cpuinfo", "processor : 0\ncpu MHz\t\t: 2100.5\n");
  std::filesystem::remove_all(machine_.folder() / "sys");
  EXPECT_NEAR(meter.look(4).megahertz.value(), 2100.5, 1e-9);
}

}  // namespace
}  // namespace millrace::bench
