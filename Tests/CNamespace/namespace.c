#define _GNU_SOURCE
#include "CNamespace.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>

int rxtune_enter_private_network(void) {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
    return errno;
  // Without this, mounting would show outside.
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return errno;
  if (mount("rxtune", "/sys", "sysfs", 0, NULL) != 0)
    return errno;
  return 0;
}
