// What the programs of this folder share. They are restricted C, compiled by the Swift toolchain's
// clang for the kernel's own machine (`make programs`; generate.py writes their instructions down).
//
// Nothing here includes a kernel header: what a program has to know of a kernel's structures it
// names, as "sk_buff.dev", and the loader looks it up in the running kernel's BTF.
//
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only, all of this folder: some of the kernel's helpers
// serve only programs that tell it that they are under the GPL.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define INLINE static inline __attribute__((always_inline))

/// A program on raw tracepoints, "one+other"; x[n] is the tracepoint's n-th argument.
#define TRACEPOINTS(function, names) \
  __attribute__((section("raw_tp/" names), used)) int function(const u64 *x)
#define TRACEPOINT(name) TRACEPOINTS(name, #name)

/// A map, made by the loader (enum bpf_map_type).
enum { HASH = 1, ARRAY = 2, PERCPU_ARRAY = 6, STACK_TRACE = 7, XSK = 17, RING = 27 };
struct map {
  u32 type, key, value, entries;
};
#define MAP(name, ...) \
  __attribute__((section("maps"), used)) const struct map name = {__VA_ARGS__}

/// Where a member is in its structure, in bytes: FIELD(sk_buff_dev, "sk_buff.dev") declares it,
/// OFFSET(sk_buff_dev) is its number. An option of the loader's is declared likewise, as
/// "option.port". The empty asm keeps clang from taking the symbol's address for other than 0.
#define FIELD(name, path) extern const char name __asm__(path)
#define OFFSET(name) \
  ({ \
    u64 offset_ = (u64)&name; \
    __asm__("" : "+r"(offset_)); \
    offset_; \
  })
#define OPTION(name) OFFSET(name)

/// Helpers by their numbers in linux/bpf.h.
static void *(*const lookup)(const struct map *, const void *) = (void *)1;
static long (*const update)(const struct map *, const void *, const void *, u64) = (void *)2;
static long (*const forget)(const struct map *, const void *) = (void *)3;
/// CLOCK_MONOTONIC, nanoseconds.
static u64 (*const now)(void) = (void *)5;
static u32 (*const this_cpu)(void) = (void *)8;
static u64 (*const this_process)(void) = (void *)14;
static long (*const this_name)(void *, u32) = (void *)16;
static long (*const this_stack)(const void *, const struct map *, u64) = (void *)27;
static u64 (*const this_task)(void) = (void *)35;
static long (*const redirect)(const struct map *, u64, u64) = (void *)51;
static long (*const read_kernel)(void *, u32, u64) = (void *)113;
static long (*const put)(const struct map *, const void *, u64, u64) = (void *)130;

/// Flags of `update` and `put`.
enum { ANY = 0, IF_NEW = 1, NO_WAKE_UP = 1 };

#define READ(type, address) \
  ({ \
    type value_ = 0; \
    read_kernel(&value_, sizeof value_, address); \
    value_; \
  })
