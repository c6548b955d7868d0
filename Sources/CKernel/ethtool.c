#include "CKernel.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

int rxtune_ethtool_ioctl(int descriptor, const char *device, void *data) {
  struct ifreq request = {0};
  size_t length = strlen(device);
  if (length >= sizeof request.ifr_name)
    return ENODEV;
  memcpy(request.ifr_name, device, length);
  request.ifr_data = data;
  // ETHTOOL_SFEATURES returns bits above 0 for what it did otherwise.
  return ioctl(descriptor, SIOCETHTOOL, &request) < 0 ? errno : 0;
}
