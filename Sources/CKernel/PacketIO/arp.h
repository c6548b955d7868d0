#ifndef RXTUNE_ARP_H
#define RXTUNE_ARP_H

#include <stdint.h>
#include <string.h>

enum { RXTUNE_ARP_BYTES = 42 };

/// A frame of RFC 826 over Ethernet, without its trailer: whoever is at `mac` has an IPv4 address, in network
/// order, for whoever asks from another. Neither of the two MACs may lie within `frame`.
static inline void rxtune_arp_answer(uint8_t *frame, const uint8_t mac[6], uint32_t address,
                                     const uint8_t asker[6], uint32_t asker_address) {
  static const uint8_t head[] = {0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4, 0, 2};
  memcpy(frame, asker, 6);
  memcpy(frame + 6, mac, 6);
  memcpy(frame + 12, head, sizeof head);
  memcpy(frame + 22, mac, 6);
  memcpy(frame + 28, &address, 4);
  memcpy(frame + 32, asker, 6);
  memcpy(frame + 38, &asker_address, 4);
}

#endif
