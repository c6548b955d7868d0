#define _GNU_SOURCE
#include "CNamespace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int rxtune_open_terminal(char *path, size_t size) {
  int control = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (control < 0)
    return -errno;
  if (grantpt(control) == 0 && unlockpt(control) == 0) {
    int error = ptsname_r(control, path, size);
    if (error == 0)
      return control;
    errno = error;
  }
  int error = errno;
  close(control);
  return -error;
}
