// What `rxtune show` costs, against the processes that it replaces, and how that grows with the
// host. Takes the path of a release binary; needs root, ethtool, iproute2 and strace.

import Glibc
import KernelIO
import ReceivePath
import TestSupport

guard CommandLine.arguments.count == 2 else {
  print("usage: rxtune-bench-inspect RXTUNE-BINARY")
  exit(64)
}
let rxtune = CommandLine.arguments[1]
try compareWithEthtool(rxtune)
try measureGrowth(rxtune)
