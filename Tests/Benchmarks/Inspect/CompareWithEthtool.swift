import Glibc
import KernelIO
import TestSupport

/// One `rxtune show` against the six ethtool calls that tell a part of it, in turn on one veth of
/// 4 queues in a namespace of its own.
func compareWithEthtool(_ rxtune: String) throws {
  let pairs = 40
  try NetworkNamespace.run { namespace in
    try namespace.shell(
      """
      ip link add v0 numrxqueues 4 numtxqueues 4 type veth peer name v1 numrxqueues 4 \
      numtxqueues 4 && ip link set v0 up && ip link set v1 up && ethtool -K v0 gro on
      """)
    let show = [rxtune, "show", "v0", "--json"]
    let six = ["l", "g", "c", "k", "x", "S"].map { "ethtool -\($0) v0" }.joined(separator: "; ")
    let shell = ["/bin/sh", "-c", six]
    guard Child.run(show).status == 0 else { throw Broken("rxtune show v0 --json failed") }
    _ = Child.run(shell)

    var (ours, theirs, ratios): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<pairs {
      let (a, b) = (Child.run(show).seconds, Child.run(shell).seconds)
      ours.append(a)
      theirs.append(b)
      ratios.append(a / b)
    }
    print("rxtune show v0 --json against sh -c 'ethtool -l; -g; -c; -k; -x; -S', veth 4+4 queues")
    print("\(pairs) pairs in turn, median [quartiles]:")
    print("  rxtune show         \(Samples(ours).text(scale: 1000)) ms")
    print("  six ethtool calls   \(Samples(theirs).text(scale: 1000)) ms")
    print("  ratio               \(Samples(ratios).text())  (goal: < 1.00)")
    let (calls, loader) = try systemCalls(show)
    print("  system calls        \(calls) after the dynamic loader's \(loader)  (goal: < 150)")
    let (shellCalls, shellLoader) = try systemCalls(shell)
    print("  the shell's         \(shellCalls + shellLoader) in all")
  }
}

struct Broken: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// System calls of a command and its children, and how many of them the first process's dynamic
/// loader made: all up to the munmap of ld.so.cache, its last.
private func systemCalls(_ command: [String]) throws -> (own: Int, loader: Int) {
  let trace = "/tmp/rxtune-bench-\(getpid()).strace"
  defer { unsafe unlink(trace) }
  let strace = ["/usr/bin/strace", "-f", "-qq", "-e", "signal=none", "-o", trace] + command
  guard Child.run(strace).status == 0 || command[0] == "/bin/sh" else {
    throw Broken("strace failed: is it installed?")
  }
  let lines = String(decoding: try LocalFile.read(trace), as: UTF8.self).split(separator: "\n")
    .filter { !$0.contains("resumed>") && !$0.contains("+++") }
  let end = lines.firstIndex { $0.contains("munmap(") }.map { $0 + 1 } ?? 0
  return (lines.count - end, end)
}
