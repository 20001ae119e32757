// What the daemon does about the jobs that it finds when it starts. Before anything runs.
#pragma once

#include "engine/base/status.h"
#include "engine/schedule/job_folders.h"
#include "engine/schedule/job_records.h"
#include "engine/store/store.h"

namespace millrace::engine {

// Running jobs go back into the queue (their attempt: "interrupted"); queued ones whose booked segments have
// lost their folder fail; folders that belong to no job are removed. Jobs with a damaged record are left, and
// named in the log; those with a damaged ledger are named too.
Status recover(Store& store, JobRecords& records, const JobFolders& folders);

}  // namespace millrace::engine
