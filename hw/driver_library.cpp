#include "hw/driver_library.h"

#include <dlfcn.h>

namespace millrace::hw {

DriverLibrary::DriverLibrary(const std::string& name)
    : handle_(::dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL)) {
  if (handle_ != nullptr) return;
  const char* const words = ::dlerror();
  trouble_ = words == nullptr ? name + " does not load" : words;
}

void* DriverLibrary::symbol(const char* name) const {
  return handle_ == nullptr ? nullptr : ::dlsym(handle_, name);
}

}  // namespace millrace::hw
