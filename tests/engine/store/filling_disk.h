// FillingDisk: what a store lies on in tests of full disks.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace millrace::engine {

// A disk that is full when the test says so.
class FillingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FillingFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FillingFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    const rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(inner), *this);
    return status;
  }

  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 std::uint64_t* bytes, rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = FileSystemWrapper::GetFreeSpace(path, options, bytes, debug);
    if (full) *bytes = 4096;
    return status;
  }
  rocksdb::IOStatus refusal() {
    ++refusals;
    return rocksdb::IOStatus::NoSpace("/data/store/000004.log", "No space left on device");
  }

  std::atomic<bool> full{false};
  std::atomic<int> refusals{0};  // of writes to the disk

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile>&& inner, FillingFileSystem& disk)
        : rocksdb::FSWritableFileOwnerWrapper(std::move(inner)), disk_(disk) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      if (disk_.full) return disk_.refusal();
      return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& info,
                             rocksdb::IODebugContext* debug) override {
      if (disk_.full) return disk_.refusal();
      return FSWritableFileOwnerWrapper::Append(data, options, info, debug);
    }

   private:
    FillingFileSystem& disk_;
  };
};

struct FillingDisk {
  std::shared_ptr<FillingFileSystem> files = std::make_shared<FillingFileSystem>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
};

}  // namespace millrace::engine
