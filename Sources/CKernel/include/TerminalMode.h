#ifndef RXTUNE_TERMINAL_MODE_H
#define RXTUNE_TERMINAL_MODE_H

/// Puts a terminal into raw mode, with signals from the keyboard kept, and writes `enter` to it.
///
/// From here on it is as it was after rxtune_terminal_leave, after exit(3), and after a crash, which
/// a handler sees before it takes its course. 0, or the errno.
int rxtune_terminal_enter(int input, int output, const char *enter, const char *leave);

/// Writes `leave` and restores the mode; nothing where it was done already.
void rxtune_terminal_leave(void);

/// Columns and rows; 0, or the errno.
int rxtune_terminal_size(int output, unsigned short *columns, unsigned short *rows);

#endif
