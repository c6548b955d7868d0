#include "Syscalls.h"

#include <sys/syscall.h>

#define CASE(name) \
  case SYS_##name: \
    return #name;

const char *rxtune_syscall_name(int64_t number) {
  switch (number) {
    CASE(accept)
    CASE(accept4)
    CASE(bind)
    CASE(brk)
    CASE(clock_gettime)
    CASE(clock_nanosleep)
    CASE(clone)
    CASE(clone3)
    CASE(close)
    CASE(connect)
    CASE(dup)
    CASE(dup3)
    CASE(epoll_create1)
    CASE(epoll_ctl)
    CASE(epoll_pwait)
    CASE(epoll_pwait2)
    CASE(eventfd2)
    CASE(exit)
    CASE(exit_group)
    CASE(fcntl)
    CASE(fdatasync)
    CASE(fsync)
    CASE(futex)
    CASE(getpid)
    CASE(getrusage)
    CASE(getsockname)
    CASE(getsockopt)
    CASE(io_uring_enter)
    CASE(io_uring_register)
    CASE(io_uring_setup)
    CASE(ioctl)
    CASE(listen)
    CASE(lseek)
    CASE(madvise)
    CASE(mmap)
    CASE(mprotect)
    CASE(munmap)
    CASE(nanosleep)
    CASE(openat)
    CASE(ppoll)
    CASE(pread64)
    CASE(pwrite64)
    CASE(read)
    CASE(readv)
    CASE(recvfrom)
    CASE(recvmmsg)
    CASE(recvmsg)
    CASE(restart_syscall)
    CASE(rt_sigaction)
    CASE(rt_sigprocmask)
    CASE(rt_sigreturn)
    CASE(sched_yield)
    CASE(sendfile)
    CASE(sendmmsg)
    CASE(sendmsg)
    CASE(sendto)
    CASE(setsockopt)
    CASE(shutdown)
    CASE(socket)
    CASE(splice)
    CASE(write)
    CASE(writev)
#ifdef SYS_epoll_wait
    CASE(epoll_wait)
    CASE(eventfd)
    CASE(open)
    CASE(poll)
    CASE(select)
#endif
  default:
    return 0;
  }
}
