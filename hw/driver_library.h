// DriverLibrary: one shared library of a driver, found by the loader when the program runs. It stays loaded:
// drivers run threads of their own, and some crash when they are unloaded.
#pragma once

#include <string>

namespace millrace::hw {

class DriverLibrary {
 public:
  // Loads it. A library that is not there is an object whose loaded() is false.
  explicit DriverLibrary(const std::string& name);

  bool loaded() const { return handle_ != nullptr; }
  // Why it did not load, in the loader's words.
  const std::string& trouble() const { return trouble_; }

  // The function of that name; null where the library is not loaded or has no such function.
  template <typename Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;

  void* handle_;
  std::string trouble_;
};

// Where each library is found: by its soname, or at a path where a test put its own.
struct DriverNames {
  std::string cuda = "libcuda.so.1";
  std::string nvcuvid = "libnvcuvid.so.1";
  std::string nvenc = "libnvidia-encode.so.1";
  std::string nvml = "libnvidia-ml.so.1";
  std::string va = "libva.so.2";
  std::string va_drm = "libva-drm.so.2";
};

}  // namespace millrace::hw
