import ArgumentParser
import Commands

Rxtune.main()
