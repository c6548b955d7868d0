#ifndef RXTUNE_SYSCALLS_H
#define RXTUNE_SYSCALLS_H

#include <stdint.h>

/// The system call of that number on this machine, of those that servers and their clients make;
/// null for others.
const char *rxtune_syscall_name(int64_t number);

#endif
