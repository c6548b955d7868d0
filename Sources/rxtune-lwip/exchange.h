#ifndef RXTUNE_EXCHANGE_H
#define RXTUNE_EXCHANGE_H

#include <stdint.h>

/// A request begins with a number that its response repeats (Scaling/Workload.swift).
enum { HEAD = 8 };

/// Where one connection is between requests of one size and responses of another.
typedef struct exchange {
  uint8_t head[HEAD];
  /// Bytes of the request that have come, and those of the response that are to be sent yet.
  uint32_t received, left;
} exchange;

/// What has come of a request; false where there is more before the last one is answered, as the load
/// never sends it.
static inline int exchange_take(exchange *e, uint32_t request_bytes, uint32_t response_bytes,
                                const uint8_t *bytes, uint32_t length) {
  while (length > 0) {
    if (e->left > 0)
      return 0;
    uint32_t part = request_bytes - e->received;
    if (part > length)
      part = length;
    for (uint32_t i = 0; i < part && e->received + i < HEAD; i++)
      e->head[e->received + i] = bytes[i];
    e->received += part;
    bytes += part;
    length -= part;
    if (e->received == request_bytes) {
      e->received = 0;
      e->left = response_bytes;
    }
  }
  return 1;
}

/// In the middle of a request or of a response.
static inline int exchange_is_open(const exchange *e) { return e->received || e->left; }

#endif
