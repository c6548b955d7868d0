#ifndef RXTUNE_HYPERVISOR_H
#define RXTUNE_HYPERVISOR_H

/// The twelve letters by which a hypervisor names itself ("KVMKVMKVM", "TCGTCGTCGTCG"), from CPUID
/// leaf 0x40000000, with a final 0. Returns 0 where there is none, or CPUs have no CPUID.
int rxtune_hypervisor(char name[13]);

#endif
