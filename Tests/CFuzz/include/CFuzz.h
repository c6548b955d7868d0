#ifndef RXTUNE_CFUZZ_H
#define RXTUNE_CFUZZ_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's main, for programs that have one of their own.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
