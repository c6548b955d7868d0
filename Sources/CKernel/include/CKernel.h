#ifndef RXTUNE_CKERNEL_H
#define RXTUNE_CKERNEL_H

#include "BPF.h"
#include "Hypervisor.h"
#include "Namespaces.h"
#include "PacketIO.h"
#include "Perf.h"
#include "Programs.h"
#include "Release.h"
#include "Sockets.h"
#include "Syscalls.h"
#include "TerminalMode.h"
#include "Uring.h"

#include <stddef.h>

/// SIOCETHTOOL on `device`; `data` is the command's own structure, changed in place.
/// Returns 0, or the errno. (ioctl is variadic and struct ifreq holds a union: neither
/// imports into Swift.)
int rxtune_ethtool_ioctl(int descriptor, const char *device, void *data);

#endif
