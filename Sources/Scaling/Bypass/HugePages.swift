import KernelIO

/// Pages of 2 MiB of a host's memory, kept for programs that ask for them (admin-guide/mm/hugetlbpage.rst).
enum HugePages {
  static let mebibytes = 2
  private static let folder = KernelPath.sys("kernel/mm/hugepages/hugepages-2048kB")
  private static let total = folder.appending("nr_hugepages")

  private static func count(_ path: KernelPath, _ kernel: any Kernel) -> Int? {
    (try? kernel.text(path)).flatMap { Int($0) }
  }

  /// How many there are, and how many have to be added so that so many are free.
  static func missing(
    _ wanted: Int, _ kernel: any Kernel
  ) throws(BenchError) -> (before: Int, added: Int) {
    guard let free = count(folder.appending("free_hugepages"), kernel),
      let before = count(total, kernel)
    else { throw BenchError("this kernel has no huge pages of 2 MiB (CONFIG_HUGETLBFS)") }
    return (before, max(0, wanted - free))
  }

  /// The kernel adds as many as there is memory for in one piece.
  static func add(_ number: Int, _ kernel: any Kernel) throws(BenchError) {
    guard number > 0, let before = count(total, kernel) else { return }
    try set(before + number, kernel)
    guard let now = count(total, kernel), now < before + number else { return }
    throw BenchError(
      "\(number) huge pages of 2 MiB are needed, and memory is free for \(max(0, now - before))",
      hint: "reserve them at boot (hugepages=\(before + number)), or free memory")
  }

  /// Takes back those that were added, and none of what there was before or others have added since.
  static func remove(
    _ pages: (before: Int, added: Int), _ kernel: any Kernel
  ) throws(BenchError) {
    guard pages.added > 0, let now = count(total, kernel) else { return }
    let wanted = max(pages.before, now - pages.added)
    if wanted < now { try set(wanted, kernel) }
  }

  private static func set(_ number: Int, _ kernel: any Kernel) throws(BenchError) {
    do { try kernel.write(total, Array("\(number)".utf8)) } catch {
      throw BenchError("huge pages: \(error)")
    }
  }
}
