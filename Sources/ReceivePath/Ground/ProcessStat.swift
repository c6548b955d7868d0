/// /proc/PID/stat (proc_pid_stat(5)).
package enum ProcessStat {
  /// What stands behind the name, which is in brackets and may hold anything: the third field of the
  /// file, the state, is the first here. None where there is no name.
  package static func fields(behindName stat: String) -> [Substring] {
    stat.lastIndex(of: ")").map { stat[$0...].dropFirst().split(separator: " ") } ?? []
  }
}
