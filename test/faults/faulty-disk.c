/*
 * A disk that lies, fails or is slow, for one process and one folder. Loaded with LD_PRELOAD; needs Linux.
 *
 * FAULTS_FOLDER   files below this folder are concerned, no others
 * FAULTS_CONTROL  a file that is mapped and read at each call, so that the faults change while the process runs
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* The same order as in faulty-disk.ts. */
struct control {
  uint32_t sync_lies;          /* not 0: success without a sync */
  uint32_t sync_delay_ms;      /* before each sync */
  uint32_t sync_fail_permille; /* failed syncs do not reach the disk */
  uint32_t sync_errno;
  uint32_t write_fail_permille; /* of failed writes the first half is written */
  uint32_t write_errno;
  uint32_t seed;
  uint32_t syncs_touched; /* counted here, read by who set the faults */
  uint32_t writes_touched;
};

static volatile struct control *control;
static char folder[PATH_MAX];
static size_t folder_length;
static uint64_t calls;

__attribute__((constructor)) static void open_control(void) {
  const char *path = getenv("FAULTS_CONTROL");
  const char *below = getenv("FAULTS_FOLDER");
  if (path == NULL || below == NULL || strlen(below) >= sizeof folder) return;
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    perror("faulty-disk: FAULTS_CONTROL");
    _exit(70);
  }
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped == MAP_FAILED) {
    perror("faulty-disk: FAULTS_CONTROL");
    _exit(70);
  }
  strcpy(folder, below);
  folder_length = strlen(folder);
  control = mapped;
}

static int concerned(int fd) {
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strncmp(path, folder, folder_length) == 0 && (path[folder_length] == '/' || path[folder_length] == 0);
}

/* splitmix64 of the seed and the number of the call. */
static int happens(uint32_t permille) {
  uint64_t x = ((uint64_t)control->seed << 32) + 0x9e3779b97f4a7c15u * __sync_add_and_fetch(&calls, 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return (x ^ (x >> 31)) % 1000 < permille;
}

/* What becomes of a sync: 1 as it should be, 0 a lie, -1 a failure. */
static int sync_outcome(int fd) {
  if (control == NULL) return 1;
  if (!control->sync_lies && !control->sync_delay_ms && !control->sync_fail_permille) return 1;
  if (!concerned(fd)) return 1;
  if (control->sync_delay_ms) {
    uint32_t ms = control->sync_delay_ms;
    struct timespec left = {ms / 1000, (long)(ms % 1000) * 1000000};
    __sync_add_and_fetch(&control->syncs_touched, 1);
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
  }
  if (control->sync_lies) {
    __sync_add_and_fetch(&control->syncs_touched, 1);
    return 0;
  }
  if (control->sync_fail_permille && happens(control->sync_fail_permille)) {
    __sync_add_and_fetch(&control->syncs_touched, 1);
    errno = (int)control->sync_errno;
    return -1;
  }
  return 1;
}

int fsync(int fd) {
  int outcome = sync_outcome(fd);
  return outcome == 1 ? (int)syscall(SYS_fsync, fd) : outcome;
}

int fdatasync(int fd) {
  int outcome = sync_outcome(fd);
  return outcome == 1 ? (int)syscall(SYS_fdatasync, fd) : outcome;
}

int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned int flags) {
  int outcome = sync_outcome(fd);
  return outcome == 1 ? (int)syscall(SYS_sync_file_range, fd, offset, bytes, flags) : outcome;
}

/* No file is named here, so a lie is told of every mapping. */
int msync(void *address, size_t length, int flags) {
  if (control != NULL && control->sync_lies) return 0;
  return (int)syscall(SYS_msync, address, length, flags);
}

static int write_fails(int fd) {
  if (control == NULL || !control->write_fail_permille || !concerned(fd)) return 0;
  if (!happens(control->write_fail_permille)) return 0;
  __sync_add_and_fetch(&control->writes_touched, 1);
  return 1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  if (!write_fails(fd)) return syscall(SYS_pwrite64, fd, bytes, length, offset);
  int fault = (int)control->write_errno;
  syscall(SYS_pwrite64, fd, bytes, length / 2, offset);
  errno = fault;
  return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (!write_fails(fd)) return syscall(SYS_write, fd, bytes, length);
  int fault = (int)control->write_errno;
  syscall(SYS_write, fd, bytes, length / 2);
  errno = fault;
  return -1;
}
