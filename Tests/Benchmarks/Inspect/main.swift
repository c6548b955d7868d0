// What `rxtune show` costs, against the processes that it replaces, and how that grows with the
// host. Takes the path of a release binary; needs root, ethtool, iproute2 and strace.

import Glibc
import KernelIO
import ReceivePath
import TestSupport

switch CommandLine.arguments.dropFirst() {
case let words where words.count == 1:
  try compareWithEthtool(words[1])
  try measureMetrics(words[1])
  try measureGrowth(words[1])
case let words where words.count == 2 && words[2] == "top":
  try measureTop(words[1])
case let words where words.count == 2 && words[2] == "trace":
  try measureTrace(words[1])
default:
  print("usage: rxtune-bench-inspect RXTUNE-BINARY [top|trace]")
  exit(64)
}
