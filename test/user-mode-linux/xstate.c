/*
 * Preloaded into user-mode Linux, whose kernel of Debian 12 has room for the registers of processors up to AVX-512. The host takes the registers
 * of a traced process as a whole only, and newer processors (with AMX) have more of them: they are completed here.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>

/* More than any processor has. */
#define MAX_STATE 32768

typedef long (*ptrace_function)(enum __ptrace_request, ...);

long ptrace(enum __ptrace_request request, ...) {
  static ptrace_function next;
  static __thread char state[MAX_STATE];
  if (next == NULL) next = (ptrace_function)dlsym(RTLD_NEXT, "ptrace");
  va_list arguments;
  va_start(arguments, request);
  const pid_t pid = va_arg(arguments, pid_t);
  void *address = va_arg(arguments, void *);
  void *data = va_arg(arguments, void *);
  va_end(arguments);

  const long result = next(request, pid, address, data);
  if (result == 0 || errno != EFAULT || request != PTRACE_SETREGSET || (long)address != NT_X86_XSTATE) return result;
  const struct iovec *given = data;
  struct iovec whole = {state, sizeof state};
  if (next(PTRACE_GETREGSET, pid, address, &whole) != 0 || given->iov_len > whole.iov_len) {
    errno = EFAULT;
    return -1;
  }
  memcpy(state, given->iov_base, given->iov_len);
  return next(PTRACE_SETREGSET, pid, address, &whole);
}
