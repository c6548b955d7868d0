#define _GNU_SOURCE
#include "Sockets.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int rxtune_epoll_wait(int epoll, struct epoll_event *events, int count, int64_t nanoseconds) {
  struct timespec timeout = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  // By its number: glibc has the function since 2.35.
  int ready = (int)syscall(SYS_epoll_pwait2, epoll, events, count,
                           nanoseconds < 0 ? NULL : &timeout, NULL, (size_t)0);
  if (ready >= 0 || errno != ENOSYS)
    return ready;
  // Before Linux 5.11 there are whole milliseconds.
  int64_t milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
  return epoll_wait(epoll, events, count, milliseconds > 60000 ? 60000 : (int)milliseconds);
}

int rxtune_send_burst(int descriptor, const void *message, size_t length, unsigned count) {
  struct mmsghdr messages[64];
  struct iovec bytes = {(void *)message, length};
  if (count > 64)
    count = 64;
  for (unsigned i = 0; i < count; i++)
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &bytes, .msg_iovlen = 1};
  return sendmmsg(descriptor, messages, count, MSG_NOSIGNAL);
}

int rxtune_pin_attributes(pthread_attr_t *attributes, int cpu) {
  if (cpu < 0)
    return EINVAL;
  cpu_set_t *set = CPU_ALLOC(cpu + 1);
  if (!set)
    return ENOMEM;
  size_t size = CPU_ALLOC_SIZE(cpu + 1);
  CPU_ZERO_S(size, set);
  CPU_SET_S(cpu, size, set);
  int code = pthread_attr_setaffinity_np(attributes, size, set);
  CPU_FREE(set);
  return code;
}

int rxtune_attach_cpu_steering(int descriptor, const int *cpus, unsigned count) {
  // Two instructions a worker; the kernel takes 4096 (BPF_MAXINSNS).
  if (count == 0 || count > 2000)
    return EINVAL;
  unsigned length = 3 + 2 * count;
  struct sock_filter *code = calloc(length, sizeof *code);
  if (!code)
    return ENOMEM;
  unsigned at = 0;
  code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                            (unsigned)(SKF_AD_OFF + SKF_AD_CPU));
  for (unsigned i = 0; i < count; i++) {
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)cpus[i], 0, 1);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, i);
  }
  code[at++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count);
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
  struct sock_fprog program = {.len = (unsigned short)length, .filter = code};
  int status = setsockopt(descriptor, SOL_SOCKET, RXTUNE_SO_ATTACH_REUSEPORT_CBPF, &program,
                          sizeof program);
  int result = status == 0 ? 0 : errno;
  free(code);
  return result;
}

int rxtune_attach_numa_steering(int descriptor, const int *nodes, unsigned count) {
  if (count == 0 || count > 1000)
    return EINVAL;
  // At worst every socket is a node of its own: 6 instructions each.
  struct bpf_insn *code = calloc(6 + 6 * (size_t)count, sizeof *code);
  if (!code)
    return ENOMEM;
  unsigned at = 0;
#define EMIT(...) code[at++] = (struct bpf_insn)__VA_ARGS__
  EMIT({.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_numa_node_id});
  EMIT({.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_6, .src_reg = BPF_REG_0});
  EMIT({.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_prandom_u32});
  for (unsigned first = 0; first < count;) {
    unsigned end = first;
    while (end < count && nodes[end] == nodes[first])
      end++;
    EMIT({.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_6, .off = 3, .imm = nodes[first]});
    EMIT({.code = BPF_ALU | BPF_MOD | BPF_K, .dst_reg = BPF_REG_0, .imm = (int)(end - first)});
    EMIT({.code = BPF_ALU | BPF_ADD | BPF_K, .dst_reg = BPF_REG_0, .imm = (int)first});
    EMIT({.code = BPF_JMP | BPF_EXIT});
    first = end;
  }
  EMIT({.code = BPF_ALU | BPF_MOD | BPF_K, .dst_reg = BPF_REG_0, .imm = (int)count});
  EMIT({.code = BPF_JMP | BPF_EXIT});
#undef EMIT
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attributes.insns = (uint64_t)(uintptr_t)code;
  attributes.insn_cnt = at;
  attributes.license = (uint64_t)(uintptr_t) "GPL";
  int program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
  int result = program >= 0 ? 0 : errno;
  free(code);
  if (result != 0)
    return result;
  if (setsockopt(descriptor, SOL_SOCKET, RXTUNE_SO_ATTACH_REUSEPORT_EBPF, &program,
                 sizeof program) != 0)
    result = errno;
  close(program);
  return result;
}
