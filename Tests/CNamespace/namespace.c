#define _GNU_SOURCE
#include "CNamespace.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mount.h>
#include <unistd.h>

static const char *leave_home(struct rxtune_home *home) {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
    return "unshare";
  if (mount("", "/", "none", MS_SLAVE | MS_REC, NULL) != 0)
    return "mount of / as a slave";
  // sysfs shows the network namespace that mounted it.
  umount2("/sys", MNT_DETACH);
  if (mount("sysfs", "/sys", "sysfs", 0, NULL) != 0)
    return "mount of /sys";
  // /proc/net is /proc/self/net: that of the process's first thread, not of this one.
  if (mount("/proc/thread-self/net", "/proc/self/net", NULL, MS_BIND, NULL) != 0)
    return "mount of /proc/net";
  return NULL;
}

const char *rxtune_enter_network_namespace(struct rxtune_home *home) {
  home->network = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  home->mounts = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
  home->directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (home->network < 0 || home->mounts < 0 || home->directory < 0)
    return "open of the namespaces";
  const char *step = leave_home(home);
  if (step != NULL) {
    int error = errno;
    rxtune_leave_network_namespace(home);
    errno = error;
  }
  return step;
}

const char *rxtune_leave_network_namespace(struct rxtune_home *home) {
  if (setns(home->network, CLONE_NEWNET) != 0)
    return "setns of the network";
  // Entering a mount namespace puts the thread at its root.
  if (setns(home->mounts, CLONE_NEWNS) != 0)
    return "setns of the mounts";
  if (fchdir(home->directory) != 0)
    return "fchdir";
  close(home->network);
  close(home->mounts);
  close(home->directory);
  return NULL;
}
