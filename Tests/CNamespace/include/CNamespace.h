#ifndef RXTUNE_CNAMESPACE_H
#define RXTUNE_CNAMESPACE_H

#include <stddef.h>

/// Where a thread was before it entered a namespace.
struct rxtune_home {
  int network;
  int mounts;
  int directory;
};

/// Puts the calling thread, and no other, into a new network namespace with a mount namespace of
/// its own in which /sys and /proc/net show it. Both vanish when the thread leaves, or dies.
/// Returns null, or the name of the step that set errno.
const char *rxtune_enter_network_namespace(struct rxtune_home *home);

/// Takes the thread back. Returns null, or the name of the step that set errno.
const char *rxtune_leave_network_namespace(struct rxtune_home *home);

/// Whether a BPF program of that id is loaded: 1, 0, or the errno below 0.
int rxtune_program_is_loaded(unsigned id);

/// Opens a new pseudo-terminal and tells the path of the end that a command has. Returns the other end,
/// or the errno below 0.
int rxtune_open_terminal(char *path, size_t size);

#endif
