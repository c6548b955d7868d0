#!/usr/bin/env python3
"""generate.py PROGRAM.bpf.c: compiles it for the kernel's machine and prints its instructions as C.

The compiler is $CLANG, or the clang beside swiftc. No instruction depends on where this is run.
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile


def clang():
    if "CLANG" in os.environ:
        return os.environ["CLANG"]
    swiftc = shutil.which("swiftc")
    if swiftc is None:
        sys.exit("generate.py: no swiftc in PATH, beside which clang would be")
    return os.path.join(os.path.dirname(os.path.realpath(swiftc)), "clang")


def compile(source):
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "program.o")
        subprocess.run(
            [clang(), "-target", "bpfel", "-mcpu=v3", "-O2", "-Wall", "-Wextra", "-Werror",
             "-Wno-unused-parameter", "-c", source, "-o", target], check=True)
        return open(target, "rb").read()


def cstring(data, offset):
    return data[offset:data.index(b"\0", offset)].decode()


class Object:
    """An ELF object's sections, symbols and relocations."""

    def __init__(self, data):
        start, = struct.unpack_from("<Q", data, 0x28)
        size, count, names = struct.unpack_from("<HHH", data, 0x3A)
        headers = [struct.unpack_from("<IIQQQQIIQQ", data, start + size * i) for i in range(count)]
        self.sections = [
            (cstring(data, headers[names][4] + h[0]), h, data[h[4]:h[4] + h[5]]) for h in headers]
        _, table, bytes_ = next(s for s in self.sections if s[1][1] == 2)
        strings = self.sections[table[6]][2]
        self.symbols = [
            (cstring(strings, name), section, value)
            for name, _, _, section, value, _ in struct.iter_unpack("<IBBHQQ", bytes_)]

    def relocations(self, index):
        for _, header, bytes_ in self.sections:
            if header[1] == 9 and header[7] == index:
                for offset, info in struct.iter_unpack("<QQ", bytes_):
                    yield offset // 8, self.symbols[info >> 32][0]


def generate(source):
    name = os.path.basename(source).split(".")[0]
    found = Object(compile(source))
    lines = [
        f"// Written by `make programs` from {os.path.basename(source)}: edit that.",
        "#include \"../include/Programs.h\"", ""]
    programs = []
    for index, (section, _, code) in enumerate(found.sections):
        kind, _, hooks = section.partition("/")
        if kind not in ("raw_tp", "xdp"):
            continue
        function = next(s[0] for s in found.symbols if s[1] == index and s[0])
        words = [f"0x{word:016x}" for word, in struct.iter_unpack("<Q", code)]
        lines.append(f"static const uint64_t {name}_{function}[] = {{")
        lines += ["    " + ", ".join(words[i:i + 4]) + "," for i in range(0, len(words), 4)]
        lines += ["};", f"static const rxtune_bpf_symbol {name}_{function}_symbols[] = {{"]
        lines += [f"    {{{at}, \"{symbol}\"}}," for at, symbol in found.relocations(index)]
        lines += ["};", ""]
        programs.append((hooks, function, len(words),
                         len(list(found.relocations(index)))))
    index, bytes_ = next((i, s[2]) for i, s in enumerate(found.sections) if s[0] == "maps")
    lines.append(f"static const rxtune_bpf_map {name}_maps[] = {{")
    maps = sorted((value, symbol) for symbol, section, value in found.symbols
                  if section == index and symbol)
    for value, symbol in maps:
        numbers = ", ".join(map(str, struct.unpack_from("<IIII", bytes_, value)))
        lines.append(f"    {{\"{symbol}\", {numbers}}},")
    lines += ["};", "", f"static const rxtune_bpf_program {name}_programs[] = {{"]
    for tracepoints, function, count, symbols in programs:
        lines += [f"    {{\"{tracepoints}\",",
                  f"     {name}_{function}, {count}, {name}_{function}_symbols, {symbols}}},"]
    lines += ["};", "",
              f"const rxtune_bpf_object *rxtune_bpf_{name}(void) {{",
              "  static const rxtune_bpf_object object = {",
              f"      {name}_programs, {len(programs)}, {name}_maps, {len(maps)},", "  };",
              "  return &object;", "}"]
    return "\n".join(lines) + "\n"


sys.stdout.write(generate(sys.argv[1]))
