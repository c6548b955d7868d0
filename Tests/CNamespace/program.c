#define _GNU_SOURCE
#include "CNamespace.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int rxtune_program_is_loaded(unsigned id) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_id = id;
  int program = (int)syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &attributes, sizeof attributes);
  if (program < 0)
    return errno == ENOENT ? 0 : -errno;
  close(program);
  return 1;
}
