#include "include/Hypervisor.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

int rxtune_hypervisor(char name[13]) {
  unsigned eax, ebx, ecx, edx;
  // Where no hypervisor says that it is there the leaf is not its own.
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx >> 31))
    return 0;
  __cpuid(0x40000000, eax, ebx, ecx, edx);
  memcpy(name, &ebx, 4);
  memcpy(name + 4, &ecx, 4);
  memcpy(name + 8, &edx, 4);
  name[12] = 0;
  return 1;
}
#else
int rxtune_hypervisor(char name[13]) {
  (void)name;
  return 0;
}
#endif
