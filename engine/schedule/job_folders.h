// JobFolders owns the data folder's layout: which file of a job lies where. Safe to call from any thread, for
// one job from one.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

class JobFolders {
 public:
  explicit JobFolders(std::filesystem::path data) : data_(std::move(data)) {}

  std::filesystem::path store() const { return data_ / "store"; }
  std::filesystem::path backups() const { return data_ / "backups"; }  // of the store
  std::filesystem::path jobs() const { return data_ / "jobs"; }
  // While this machine's speed is measured; gone afterwards.
  std::filesystem::path calibration() const { return data_ / "calibration"; }
  // While devices are tried; gone afterwards.
  std::filesystem::path canary() const { return data_ / "canary"; }
  std::filesystem::path output(const std::string& job_id) const { return jobs() / job_id / "out"; }
  // Of a job that failed: all that it takes to see it fail again.
  std::filesystem::path bundle(const std::string& job_id) const { return jobs() / job_id / "bundle.json"; }
  // While it is looked for what of its source makes a job fail.
  std::filesystem::path cut(const std::string& job_id) const { return jobs() / job_id / "cut"; }

  bool exists(const std::string& job_id) const;
  Status make(const std::string& job_id) const;
  Status remove(const std::string& job_id) const;
  // Takes away what makes a job's files look finished: playlists, manifests, single files, the receipt.
  // Segments stay, for a retry. A folder that is not there is a success.
  Status withdraw(const std::string& job_id) const;
  // The same of one output alone, by its name.
  Status withdraw(const std::string& job_id, const std::string& output_name) const;
  // Folders of jobs that are not `known`, removed, and what cut(), cut off, left of the others. Files that no
  // job made are left alone.
  Result<std::vector<std::string>> remove_unknown(const std::set<std::string>& known) const;

 private:
  std::filesystem::path data_;
};

}  // namespace millrace::engine
