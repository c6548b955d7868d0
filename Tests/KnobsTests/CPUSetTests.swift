import Testing

@testable import Knobs

@Suite("CPU sets") struct CPUSetTests {
  @Test(arguments: [
    ("", "0", []), ("0", "1", [0]), ("0-3,8", "10f", [0, 1, 2, 3, 8]),
    ("31-33", "3,80000000", [31, 32, 33]), ("63-64", "1,80000000,00000000", [63, 64]),
    ("127", "80000000,00000000,00000000,00000000", [127]),
  ])
  func bothSpellingsAgree(list: String, mask: String, cpus: [Int]) throws {
    let set = CPUSet(cpus)
    #expect(set.cpus == cpus)
    #expect(set.count == cpus.count)
    #expect(set.list == list)
    #expect(set.mask == mask)
    #expect(CPUSet(list: list) == set)
    #expect(CPUSet(mask: mask) == set)
  }

  @Test(arguments: ["3-1", "-", "1-", "a", "0x3", "1,,2", "-1", "99999999999999999999", "0-70000"])
  func badListsAreRefused(text: String) { #expect(CPUSet(list: text) == nil) }

  @Test(arguments: ["", "0x3", "g", "-1", "1,,2", "123456789,0", ","])
  func badMasksAreRefused(text: String) { #expect(CPUSet(mask: text) == nil) }

  @Test func setArithmetic() {
    let left = CPUSet([0, 1, 65])
    let right = CPUSet([1, 65, 200])
    #expect(left.union(right).cpus == [0, 1, 65, 200])
    #expect(left.intersection(right).cpus == [1, 65])
    #expect(left.subtracting(right) == CPUSet([0]))
    #expect(CPUSet([1]).isSubset(of: right))
    #expect(left.first == 0)
    var shrinking = CPUSet([200])
    shrinking.remove(200)
    #expect(shrinking == CPUSet() && shrinking.isEmpty)
  }
}
