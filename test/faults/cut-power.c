/*
 * Cuts the power of a process and of the ext4 file system below it: the process is stopped, and then the file system
 * is shut down at once, without what its journal has not on disk.
 *
 *   cut-power PROCESS FOLDER
 *
 * The process is stopped first because a machine without power computes nothing. ext4 asks whether it was shut down
 * only when a sync begins, so a sync that is under way in that moment returns success without having happened. No
 * power loss can return anything; a process that ran on would believe it.
 */
#include <fcntl.h>
#include <linux/types.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, __u32)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 0x2
#define TRIES_MAX 10000000

/* Whether the thread that answers requests is stopped; the others may still be inside a sync, as they should be. */
static int stopped(int stat) {
  char text[512];
  ssize_t length = pread(stat, text, sizeof text - 1, 0);
  if (length <= 0) return 0;
  text[length] = 0;
  const char *name_end = strrchr(text, ')');
  return name_end != NULL && name_end[2] == 'T';
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fputs("cut-power: expected a process and a folder\n", stderr);
    return 2;
  }
  __u32 flags = EXT4_GOING_FLAGS_NOLOGFLUSH;
  pid_t process = (pid_t)atol(argv[1]);
  char path[64];
  /* The main thread's own state: /proc/PID/stat tells of the leader, which is node's main thread. */
  snprintf(path, sizeof path, "/proc/%ld/task/%ld/stat", (long)process, (long)process);
  int stat = open(path, O_RDONLY);
  int folder = open(argv[2], O_RDONLY);
  if (process <= 0 || stat < 0 || folder < 0 || kill(process, SIGSTOP) != 0) {
    perror("cut-power");
    return 1;
  }
  int tries = 0;
  while (!stopped(stat)) {
    if (++tries == TRIES_MAX) {
      fputs("cut-power: the process does not stop\n", stderr);
      return 1;
    }
  }
  if (ioctl(folder, EXT4_IOC_SHUTDOWN, &flags) != 0) {
    perror("cut-power: EXT4_IOC_SHUTDOWN");
    return 1;
  }
  return 0;
}
