// probe() looks at this machine. Takes milliseconds; safe to call from any thread; never fails: what cannot
// be known is an absence with a note.
#pragma once

#include "hw/inventory.h"
#include "hw/probe_roots.h"

namespace millrace::hw {

Inventory probe(const ProbeRoots& roots = {});

}  // namespace millrace::hw
