package import KernelIO
import Netlink

/// A process that holds a socket open.
package struct SocketOwner: Codable, Hashable, Sendable {
  package var pid: Int
  /// /proc/PID/comm: at most 15 bytes, and whatever the process likes; nil where it just ended.
  package var command: String?

  package init(pid: Int, command: String?) {
    self.pid = pid
    self.command = command
  }
}

/// Processes by the sockets that they hold, found in /proc/PID/fd.
package struct SocketOwners: Hashable, Sendable {
  private var owners: [UInt32: SocketOwner] = [:]
  /// Why sockets without an owner have none.
  private var unresolved = Absence(
    .notInNamespace,
    detail: "no process seen here holds it: the kernel does, or another PID namespace's")

  package init() {}

  /// The first process, by number, that holds the socket: of a server that forked, the parent.
  package subscript(inode: UInt32) -> Reading<SocketOwner> {
    owners[inode].map { .value($0) } ?? .absent(unresolved)
  }
}

extension Host {
  /// Looks for the holders of `inodes`, and stops as soon as each has one.
  ///
  /// Costs a system call for each file that each process has open; nothing where there is nothing
  /// to look for.
  package func socketOwners(_ inodes: some Sequence<UInt32>) throws(KernelError) -> SocketOwners {
    var result = SocketOwners()
    // 0: the kernel's own, and sockets that are closing.
    var wanted = Set(inodes.filter { $0 != 0 })
    if wanted.isEmpty { return result }
    var isDenied = false
    for pid in try kernel.list(.proc(".")).compactMap({ Int($0) }).sorted() {
      let descriptors = KernelPath.proc("\(pid)/fd")
      let names: [String]
      do { names = try kernel.list(descriptors) } catch {
        // A process that ended in between is no obstacle.
        isDenied = isDenied || error.kind == .needsPrivilege
        continue
      }
      for name in names {
        guard let target = try? kernel.readLink(descriptors.appending(name)),
          let inode = SocketOwners.inode(target), wanted.remove(inode) != nil
        else { continue }
        let command = try? kernel.text(.proc("\(pid)/comm"))
        result.add(SocketOwner(pid: pid, command: command), inode)
      }
      if wanted.isEmpty { return result }
    }
    if isDenied || hidesProcesses() { result.blamePrivilege() }
    return result
  }

  /// A /proc mounted with hidepid= shows no trace of other users' processes (proc(5)).
  private func hidesProcesses() -> Bool {
    guard let mounts = try? kernel.text(.proc("self/mounts")) else { return false }
    return mounts.split(separator: "\n").contains { line in
      let fields = line.split(separator: " ")
      guard fields.count > 3, fields[1] == "/proc", fields[2] == "proc" else { return false }
      return fields[3].split(separator: ",").contains {
        $0.hasPrefix("hidepid=") && $0 != "hidepid=0" && $0 != "hidepid=off"
      }
    }
  }
}

extension SocketOwners {
  /// The inode in "socket:[4711]".
  static func inode(_ target: String) -> UInt32? {
    guard target.hasPrefix("socket:["), target.hasSuffix("]") else { return nil }
    return UInt32(target.dropFirst(8).dropLast())
  }

  fileprivate mutating func add(_ owner: SocketOwner, _ inode: UInt32) { owners[inode] = owner }

  fileprivate mutating func blamePrivilege() {
    unresolved = Absence(
      .needsPrivilege, detail: "other users' processes are hidden from this one")
  }
}
