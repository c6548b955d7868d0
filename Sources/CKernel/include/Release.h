#pragma once

/// The commit that this was built from; "" where it was not told.
const char *_Nonnull rxtune_commit(void);
