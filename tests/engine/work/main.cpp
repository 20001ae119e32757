// The test binary is also the worker that its tests start.
#include <gmock/gmock.h>

#include "tests/engine/work/fake_worker.h"

int main(int count, char** arguments) {
  const int code = millrace::engine::play_part(count, arguments);
  if (code >= 0) return code;
  testing::InitGoogleMock(&count, arguments);
  return RUN_ALL_TESTS();
}
