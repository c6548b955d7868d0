#include "Release.h"

// Told by whoever builds (Package.swift).
#ifndef RXTUNE_COMMIT
#define RXTUNE_COMMIT ""
#endif

const char *rxtune_commit(void) { return RXTUNE_COMMIT; }
