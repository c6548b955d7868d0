#define _GNU_SOURCE
#include "Namespaces.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

int rxtune_enter_new_network(void) {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
    return errno;
  // Without this the new /sys would show up in the namespace that we came from.
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return errno;
  return mount("sysfs", "/sys", "sysfs", 0, NULL) == 0 ? 0 : errno;
}

int rxtune_die_with_parent(int parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    return errno;
  return getppid() == parent ? 0 : ESRCH;
}
