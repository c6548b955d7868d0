#include "TerminalMode.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* A handler of signals can reach nothing but globals. One thread enters and leaves. */
static struct termios saved;
static int saved_input = -1, saved_output = -1;
static char leave_text[128];
static size_t leave_length;
static volatile sig_atomic_t is_entered;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS};
enum { CRASHES = sizeof crashes / sizeof crashes[0] };
static struct sigaction before[CRASHES];
/* A stack that ran over has no room for a handler. */
static char handler_stack[16384];

void rxtune_terminal_leave(void) {
  if (!is_entered) return;
  is_entered = 0;
  int code = errno;
  size_t done = 0;
  while (done < leave_length) {
    ssize_t count = write(saved_output, leave_text + done, leave_length - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += (size_t)count;
  }
  if (saved_input >= 0) tcsetattr(saved_input, TCSANOW, &saved);
  errno = code;
}

static void crashed(int number) {
  rxtune_terminal_leave();
  for (int i = 0; i < CRASHES; i++)
    if (crashes[i] == number) sigaction(number, &before[i], NULL);
  raise(number);
}

static void watch_for_crashes(void) {
  static int is_watching;
  if (is_watching) return;
  is_watching = 1;
  stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = crashed;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (int i = 0; i < CRASHES; i++) sigaction(crashes[i], &action, &before[i]);
  atexit(rxtune_terminal_leave);
}

int rxtune_terminal_enter(int input, int output, const char *enter, const char *leave) {
  if (is_entered) return 0;
  if (strlen(leave) >= sizeof leave_text) return ENAMETOOLONG;
  struct termios raw;
  if (input >= 0) {
    if (tcgetattr(input, &saved)) return errno;
    raw = saved;
    cfmakeraw(&raw);
    raw.c_lflag |= ISIG;
    /* Other programs write here, too. */
    raw.c_oflag = saved.c_oflag;
  }
  watch_for_crashes();
  saved_input = input;
  saved_output = output;
  leave_length = strlen(leave);
  memcpy(leave_text, leave, leave_length);
  is_entered = 1;
  if (input >= 0 && tcsetattr(input, TCSAFLUSH, &raw)) {
    is_entered = 0;
    return errno;
  }
  size_t length = strlen(enter);
  if (write(output, enter, length) != (ssize_t)length) {
    int code = errno;
    rxtune_terminal_leave();
    return code ? code : EIO;
  }
  return 0;
}

int rxtune_terminal_size(int output, unsigned short *columns, unsigned short *rows) {
  struct winsize size;
  if (ioctl(output, TIOCGWINSZ, &size)) return errno;
  *columns = size.ws_col;
  *rows = size.ws_row;
  return 0;
}
