#include "sum.h"

#include <string.h>

enum { ETHERNET = 14, IP = 20 };

// Sums of 16-bit words in one's complement (RFC 1071) come out alike in either byte order.

static uint64_t sum(const uint8_t *bytes, uint32_t count) {
  uint64_t sum = 0;
  for (; count >= 4; bytes += 4, count -= 4) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    sum += word;
  }
  uint32_t rest = 0;
  memcpy(&rest, bytes, count);
  return sum + rest;
}

static uint16_t folded(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)sum;
}

/// The protocols that have such a sum: how long their headers are at least, and where it is.
static const struct {
  uint8_t number, header, field;
} protocols[] = {{6, 20, 16}, {17, 8, 6}};

void complete_sum(uint8_t *frame, uint32_t length) {
  if (length < ETHERNET + IP)
    return;
  const uint8_t *ip = frame + ETHERNET;
  const uint32_t total = (uint32_t)ip[2] << 8 | ip[3];
  for (unsigned i = 0; i < sizeof protocols / sizeof *protocols; i++) {
    if (ip[9] != protocols[i].number)
      continue;
    if (total < IP + (uint32_t)protocols[i].header || total > length - ETHERNET)
      return;
    const uint32_t bytes = total - IP;
    const uint8_t pseudo[4] = {0, ip[9], (uint8_t)(bytes >> 8), (uint8_t)bytes};
    uint8_t *segment = frame + ETHERNET + IP;
    const uint16_t partial = folded(sum(ip + 12, 8) + sum(pseudo, sizeof pseudo));
    uint16_t field;
    memcpy(&field, segment + protocols[i].field, sizeof field);
    if (field != partial)
      return;
    field = (uint16_t)~folded(sum(segment, bytes));
    // Of UDP, 0 says that there is no sum.
    if (field == 0 && ip[9] == 17)
      field = 0xffff;
    memcpy(segment + protocols[i].field, &field, sizeof field);
  }
}
