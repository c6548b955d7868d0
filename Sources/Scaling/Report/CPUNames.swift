import Knobs

/// CPU numbers for people.
enum CPUNames {
  static func list(_ cpus: [Int]) -> String { CPUSet(cpus).list }
}
