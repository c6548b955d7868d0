#ifndef RXTUNE_CLAB_H
#define RXTUNE_CLAB_H

#include <stddef.h>

/// A stream connection to the Unix socket at `path`; -1 and errno on failure.
int lab_connect(const char *path);

/// A packet socket on `device` in the network namespace of process `pid`: what is written to it
/// leaves the device as it is. The caller stays in its own namespace. -1 and errno on failure.
int lab_packet_socket(int pid, const char *device);

/// Sends all `count` bytes over a stream: 0, or the errno.
int lab_send(int descriptor, const void *bytes, size_t count);

/// Receives up to `capacity` bytes from a stream, waiting at most `milliseconds`: their number,
/// 0 after the time, -1 when the other side is gone.
ptrdiff_t lab_receive(int descriptor, void *buffer, size_t capacity, int milliseconds);

#endif
