// Programs/ is no source of this target: it is compiled for the kernel, and this is what came out.
#include "Programs/contention.bpf.h"
#include "Programs/counts.bpf.h"
#include "Programs/stages.bpf.h"
#include "Programs/xdp.bpf.h"
