extension Kernel {
  /// The inode of a process's network namespace, as /proc/PID/ns/net names it: net:[4026531840].
  ///
  /// - Parameter process: its folder of /proc.
  package func networkNamespace(of process: String = "thread-self") throws(KernelError) -> UInt32 {
    let path = KernelPath.proc("\(process)/ns/net")
    let text = try readLink(path)
    guard let number = UInt32(text.drop { $0 != "[" }.dropFirst().prefix { $0 != "]" }) else {
      throw KernelError("readlink", path.description, .invalid)
    }
    return number
  }
}
