// The document against the server: it describes what is answered, all of it and nothing else.
#include "server/api/openapi.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "server/api/routes.h"
#include "tests/server/running_server.h"

namespace millrace::test {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

std::string with_values(std::string path) {
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"{id}", kJob}, {"{path}", "a.json"}})
    if (const std::size_t at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
  return path;
}

class OpenApi : public RunningServer {
 protected:
  const ordered_json document_ = server::openapi_document();
};

TEST_F(OpenApi, HasEveryRouteOfTheApi) {
  for (const server::Route& route : server::all_routes(jobs_)) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    ASSERT_TRUE(document_["paths"].contains(route.pattern)) << route.pattern;
    EXPECT_TRUE(document_["paths"][route.pattern].contains(method)) << route.method << " " << route.pattern;
  }
}

TEST_F(OpenApi, NamesExactlyTheMethodsThatAPathAnswers) {
  start();
  jobs_.add(kJob, engine::JobState::completed);
  write_file("a.json", "{}");
  for (const auto& [path, item] : document_["paths"].items()) {
    for (const char* method : {"get", "post", "put", "patch", "delete", "options"}) {
      // A stream of all jobs does not end; its head says enough.
      const std::string asked = path == "/v1/events" && std::string(method) == "get" ? "head" : method;
      const Answer answer = ask_once(port(), upper(asked), with_values(path));
      if (item.contains(method)) {
        EXPECT_NE(answer.status, 405) << method << " " << path;
        EXPECT_TRUE(asked == "head" || item[method]["responses"].contains(std::to_string(answer.status)))
            << method << " " << path << " answers " << answer.status;
      } else {
        EXPECT_EQ(answer.status, 405) << method << " " << path;
        const std::string allow = answer.header("allow");
        for (const auto& [each, operation] : item.items())
          EXPECT_TRUE(each == "parameters" || allow.find(upper(each)) != std::string::npos)
              << allow << " " << path;
      }
      jobs_.add(kJob, engine::JobState::completed);  // it may have been deleted
    }
  }
}

TEST_F(OpenApi, RefersOnlyToWhatItHas) {
  std::vector<const ordered_json*> left{&document_};
  int references = 0;
  while (!left.empty()) {
    const ordered_json& node = *left.back();
    left.pop_back();
    if (!node.is_structured()) continue;
    for (const auto& [key, value] : node.items()) {
      if (key == "$ref") {
        ++references;
        EXPECT_TRUE(document_.contains(ordered_json::json_pointer(value.get<std::string>().substr(1))))
            << value;
      }
      left.push_back(&value);
    }
  }
  EXPECT_GT(references, 20);
}

TEST_F(OpenApi, OperationsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const auto& [path, item] : document_["paths"].items())
    for (const auto& [method, operation] : item.items())
      if (method != "parameters") {
        EXPECT_TRUE(names.insert(operation["operationId"]).second) << path;
      }
}

TEST_F(OpenApi, IsServed) {
  start();
  const Answer answer = ask_once(port(), "GET", "/v1/openapi.json");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body), json::parse(document_.dump()));
}

}  // namespace
}  // namespace millrace::test
