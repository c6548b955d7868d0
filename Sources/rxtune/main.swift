import Commands

Rxtune.start()
