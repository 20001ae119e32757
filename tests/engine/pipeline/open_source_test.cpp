#include "engine/pipeline/open_source.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "engine/base/file.h"
#include "engine/pipeline/address_rules.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/media_input.h"
#include "tests/support/media_sample.h"
#include "tests/support/temp_folder.h"
#include "tests/support/web_server.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using test::file_answer;
using test::make_sample;
using test::WebRequest;
using test::WebServer;
using testing::ElementsAre;
using testing::HasSubstr;

std::string playlist_of(const std::vector<std::string>& urls) {
  std::string text = "#EXTM3U\n#EXT-X-VERSION:3\n";
  for (const std::string& url : urls) text += "#EXTINF:0.640000,\n" + url + "\n";
  return text + "#EXT-X-ENDLIST\n";
}

struct Counted {
  std::int64_t packets = 0;
  std::int64_t bytes = 0;
};

class OpenSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    set_address_rules(*AddressRules::of({"127.0.0.1"}));
    fs::create_directory(folder_ / "film");
    put("secret.txt", "the bytes of another file");
  }
  void TearDown() override { set_address_rules({}); }

  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file(folder_ / name, text).ok());
  }
  std::string text(const std::string& name) { return *read_file(folder_ / name); }

  // A transport stream, cut anywhere between two packets into three.
  void make_segments() {
    make_sample(folder_ / "film/whole.ts", test::SampleVideo{}, test::SampleSound{});
    const std::string whole = text("film/whole.ts");
    const std::size_t third = whole.size() / 188 / 3 * 188;
    put("film/0.ts", whole.substr(0, third));
    put("film/1 a.ts", whole.substr(third, third));
    put("film/2.ts", whole.substr(2 * third));
  }

  Counted count(const std::string& url) {
    Counted counted;
    auto input = MediaInput::open(url, {});
    if (!input.ok()) {
      ADD_FAILURE() << to_string(input.status());
      return counted;
    }
    (*input)->choose(0);
    while (true) {
      auto packet = (*input)->read();
      EXPECT_TRUE(packet.ok()) << to_string(packet.status());
      if (!packet.ok() || !*packet) return counted;
      ++counted.packets;
      counted.bytes += (*packet)->size;
    }
  }

  Status refusal(const std::string& url, Code code) {
    const auto source = inspect(url);
    EXPECT_FALSE(source.ok()) << url;
    EXPECT_EQ(source.status().code(), code) << to_string(source.status());
    return source.status();
  }

  // What lies below the folder, over HTTP.
  test::WebAnswer served(const WebRequest& request, bool ranges = true) {
    std::string name = request.path.substr(1, request.path.find('?') - 1);
    if (const auto space = name.find("%20"); space != std::string::npos) name.replace(space, 3, " ");
    const auto bytes = read_file(folder_ / name);
    if (!bytes.ok()) return test::answer("404 Not Found", "Content-Length: 0\r\n", "");
    return file_answer(request, *bytes, ranges);
  }

  const test::TempFolder folder_;
};

TEST_F(OpenSourceTest, ReadsAFileOverHttpAsFromTheDisk) {
  for (const bool ranges : {true, false}) {
    const WebServer server([&](const WebRequest& request) { return served(request, ranges); });
    for (const char* name : {"a.mp4", "a.mkv", "a.ts"}) {
      make_sample(folder_ / name, test::SampleVideo{}, test::SampleSound{});
      auto near = inspect(folder_ / name);
      auto far = inspect(server.url("/" + std::string(name) + "?key=1"));
      ASSERT_TRUE(near.ok() && far.ok()) << name << ": " << to_string(far.status());
      EXPECT_THAT(far->url, HasSubstr("?key=1"));
      far->url = near->url;
      EXPECT_EQ(describe(*far), describe(*near));
      const Counted on_disk = count(folder_ / name);
      const Counted over_http = count(server.url("/" + std::string(name)));
      EXPECT_EQ(over_http.packets, on_disk.packets);
      EXPECT_EQ(over_http.bytes, on_disk.bytes);
    }
  }
}

TEST_F(OpenSourceTest, ABrokenConnectionIsNeverTheEndOfTheFilm) {
  make_sample(folder_ / "a.ts", test::SampleVideo{}, test::SampleSound{});
  const WebServer server([&](const WebRequest& request) {
    if (request.first > 0) return test::answer("404 Not Found", "Content-Length: 0\r\n", "");
    test::WebAnswer part = served(request);
    part.bytes.resize(part.bytes.size() / 2);
    return part;
  });
  for (const bool accept_damage : {false, true}) {
    const auto source = inspect(server.url("/a.ts"), {}, accept_damage);
    ASSERT_FALSE(source.ok());
    EXPECT_EQ(source.status().code(), Code::not_found) << to_string(source.status());
  }
}

TEST_F(OpenSourceTest, ReadsAPlaylistAsOneFile) {
  make_segments();
  put("film/list.m3u8", playlist_of({"0.ts", "1%20a.ts", "2.ts"}));
  const WebServer server([&](const WebRequest& request) { return served(request); });
  const Counted whole = count(folder_ / "film/whole.ts");
  for (const std::string& url : {(folder_ / "film/list.m3u8").native(), server.url("/film/list.m3u8")}) {
    const auto source = inspect(url);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_EQ(source->container, "hls,mpegts");
    EXPECT_NEAR(source->duration_seconds, 2, 0.05) << "a little more than it says";
    EXPECT_FALSE(source->can_seek);
    EXPECT_EQ(source->main_video()->frame_rate, (Rational{25, 1}));
    const Counted joined = count(url);
    EXPECT_EQ(joined.packets, whole.packets);
    EXPECT_EQ(joined.bytes, whole.bytes);
  }
}

TEST_F(OpenSourceTest, ChoosesTheLargestVariantAndFindsItsSounds) {
  test::SampleVideo in_order;  // so that its clock begins as the sound's does
  in_order.b_frames = 0;
  make_sample(folder_ / "film/picture.ts", in_order);
  test::SampleSound late;
  late.start_seconds = 0.5;
  make_sample(folder_ / "film/sound.ts", std::nullopt, late);
  put("film/large.m3u8", playlist_of({"picture.ts"}));
  put("film/sound.m3u8", playlist_of({"sound.ts"}));
  put("film/master.m3u8",
      "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",LANGUAGE=\"de-AT\",DEFAULT=YES,URI=\"sound."
      "m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=32x32\nmissing.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=2,RESOLUTION=96x64,AUDIO=\"a\"\nlarge.m3u8\n");
  const WebServer server([&](const WebRequest& request) { return served(request); });
  for (const std::string& url : {(folder_ / "film/master.m3u8").native(), server.url("/film/master.m3u8")}) {
    const auto source = inspect(url);
    ASSERT_TRUE(source.ok()) << to_string(source.status());
    EXPECT_EQ(source->main_video()->width, 96);
    const AudioTrack* sound = source->main_audio();
    ASSERT_NE(sound, nullptr);
    EXPECT_THAT(sound->url, HasSubstr("sound.m3u8"));
    EXPECT_EQ(sound->language, "de");
    EXPECT_TRUE(sound->same_clock);
    EXPECT_NEAR(sound->start_seconds, 0.5, 0.03);
  }
}

TEST_F(OpenSourceTest, APlaylistOnTheDiskNamesOnlyFilesOfItsFolder) {
  make_segments();
  fs::create_symlink(folder_ / "secret.txt", folder_ / "film/link.ts");
  const std::string secret = (folder_ / "secret.txt").native();
  const WebServer server([&](const WebRequest& request) { return served(request); });
  const std::vector<std::string> targets = {"../secret.txt",     secret,
                                            "file://" + secret,  "link.ts",
                                            "%2e%2e/secret.txt", server.url("/film/0.ts"),
                                            "file:0.ts",         "concat:0.ts|" + secret,
                                            "crypto:0.ts",       "subfile,,start,0,end,9,,:" + secret};
  for (const std::string& target : targets) {
    put("film/hostile.m3u8", playlist_of({"0.ts", target}));
    const Status status = refusal((folder_ / "film/hostile.m3u8").native(), Code::invalid_argument);
    EXPECT_THAT(status.message(), HasSubstr("refused")) << target;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(OpenSourceTest, APlaylistFromTheNetworkNamesNoFileAndNoHiddenAddress) {
  make_segments();
  const WebServer hidden([&](const WebRequest& request) { return served(request); }, "127.0.0.2");
  std::string target;
  const WebServer server([&](const WebRequest& request) {
    if (request.path == "/away.ts") return test::redirect_to(hidden.url("/film/0.ts"));
    if (request.path == "/list.m3u8") return file_answer(request, playlist_of({"film/0.ts", target}));
    return served(request);
  });
  for (const std::string& each :
       {"file://" + (folder_ / "secret.txt").native(), hidden.url("/film/1.ts"), std::string("/away.ts"),
        std::string("data:video/mp2t;base64,AAAA"), std::string("ftp://127.0.0.1/a")}) {
    target = each;
    const Status status = refusal(server.url("/list.m3u8"), Code::invalid_argument);
    EXPECT_THAT(status.message(), HasSubstr("refused")) << each;
  }
  EXPECT_EQ(hidden.connections(), 0);
}

TEST_F(OpenSourceTest, RefusesOtherListsOverHttpToo) {
  make_segments();
  const std::string secret = (folder_ / "secret.txt").native();
  std::string body;
  const WebServer server([&](const WebRequest& request) { return file_answer(request, body); });
  const std::vector<std::string> lists = {
      "ffconcat version 1.0\nfile '" + secret + "'\n", "<?xml version=\"1.0\"?><MPD/>",
      "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 1234 RTP/AVP 96\n"};
  for (const std::string& each : lists) {
    body = each;
    EXPECT_FALSE(inspect(server.url("/a.ffconcat")).ok()) << each;
  }
}

TEST_F(OpenSourceTest, AMissingSegmentEndsWithItsNumber) {
  make_segments();
  put("film/list.m3u8", playlist_of({"0.ts", "gone.ts", "2.ts"}));
  const WebServer server([&](const WebRequest& request) { return served(request); });
  for (const std::string& url : {(folder_ / "film/list.m3u8").native(), server.url("/film/list.m3u8")}) {
    const Status status = refusal(url, Code::not_found);
    EXPECT_THAT(status.message(), HasSubstr("part 2 of 3")) << status.message();
  }
}

TEST_F(OpenSourceTest, SmallFilesComeFromTheNetworkToo) {
  const WebServer server([&](const WebRequest& request) { return served(request); });
  EXPECT_EQ(*read_source_file(server.url("/secret.txt"), 100), "the bytes of another file");
  EXPECT_EQ(*read_source_file((folder_ / "secret.txt").native(), 100), "the bytes of another file");
  for (const std::string& url : {server.url("/secret.txt"), (folder_ / "secret.txt").native()})
    EXPECT_EQ(read_source_file(url, 10).status().code(), Code::unsupported);
}

}  // namespace
}  // namespace millrace::engine
