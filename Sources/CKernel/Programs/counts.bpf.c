// Counts what the tasks of two network namespaces do: system calls by number, allocations from the
// slab. No argument of a tracepoint but the call's number is looked at (include/trace/events/kmem.h,
// include/trace/events/syscalls.h).
#include "tracing.h"

FIELD(task_mm, "task_struct.mm");
FIELD(task_nsproxy, "task_struct.nsproxy");
FIELD(nsproxy_net, "nsproxy.net_ns");
FIELD(net_inum, "net.ns.inum");

/// The namespaces, by the numbers that /proc/PID/ns/net shows.
FIELD(option_server, "option.server");
FIELD(option_load, "option.load");

/// Whose CPU time it is: KERNEL is idle tasks, under softirqs, and kernel threads.
enum { SERVER, LOAD, KERNEL, OTHERS, ENDS };
enum { CALLS = 512 };

/// By end, then by number.
MAP(calls, PERCPU_ARRAY, sizeof(u32), 2 * CALLS * sizeof(u64), 1);
/// kmem_cache_alloc() by end, then kmalloc() by end.
MAP(allocations, PERCPU_ARRAY, sizeof(u32), 2 * ENDS * sizeof(u64), 1);

INLINE u32 end(void) {
  u64 task = this_task();
  if (!READ(u64, task + OFFSET(task_mm)))
    return KERNEL;
  u64 proxy = READ(u64, task + OFFSET(task_nsproxy));
  u64 net = READ(u64, proxy + OFFSET(nsproxy_net));
  u64 number = READ(u32, net + OFFSET(net_inum));
  if (number == OPTION(option_server))
    return SERVER;
  return number == OPTION(option_load) ? LOAD : OTHERS;
}

TRACEPOINT(sys_enter) {
  u32 which = end();
  u64 number = x[1];
  if (which > LOAD || number >= CALLS)
    return 0;
  u32 first = 0;
  u64 *count = lookup(&calls, &first);
  if (count)
    count[which * CALLS + number] += 1;
  return 0;
}

INLINE void allocated(u32 kind) {
  u32 first = 0;
  u64 *count = lookup(&allocations, &first);
  if (count)
    count[kind * ENDS + end()] += 1;
}

// Before 6.1 those of a named node were events of their own.
TRACEPOINTS(cache_allocated, "kmem_cache_alloc+kmem_cache_alloc_node") {
  allocated(0);
  return 0;
}

TRACEPOINTS(kmalloc_allocated, "kmalloc+kmalloc_node") {
  allocated(1);
  return 0;
}
