// millrace store: looks after the store in a data folder, while no daemon holds it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "server/cli/console.h"

namespace millrace::server {

struct StoreFlags {
  std::filesystem::path data = "./var";  // of the daemon; the store lies in it
  bool repair = false;                   // check: mends what it can
  std::filesystem::path backups;         // where copies of the store are kept
  int keep = 0;                          // backup: as many of them; 0: all
  std::uint32_t number = 0;              // restore: this one; 0: the newest
  bool list = false;                     // restore: only say what there is
};

// Exit codes: 0 done, check: and nothing is wrong; 1 something is, or the store cannot be worked on (another
// daemon holds it, the disk is full, it is damaged); 2 there is no store or backup where one was named.
int run_store_check(const StoreFlags& options, Console& console);
int run_store_compact(const StoreFlags& options, Console& console);
int run_store_backup(const StoreFlags& options, Console& console);
int run_store_restore(const StoreFlags& options, Console& console);

}  // namespace millrace::server
