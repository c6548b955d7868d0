#ifndef RXTUNE_SUM_H
#define RXTUNE_SUM_H

#include <stdint.h>

/// Between virtual devices the kernel leaves TCP's and UDP's sum to a device that never comes: the field
/// then holds what the device would have begun with, the sum of addresses, protocol and length alone.
/// Debian builds lwIP without a way to leave out its check (LWIP_CHECKSUM_CTRL_PER_NETIF), so that such
/// a sum is completed before. Any other stays as it is, and lwIP drops the frame if it is wrong.
void complete_sum(uint8_t *frame, uint32_t length);

#endif
