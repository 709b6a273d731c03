/* Shuts a mounted ext4 file system down at once, as a power loss does: what its journal has not on disk is dropped. */
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, __u32)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 0x2

int main(int argc, char **argv) {
  __u32 flags = EXT4_GOING_FLAGS_NOLOGFLUSH;
  int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
  if (fd < 0 || ioctl(fd, EXT4_IOC_SHUTDOWN, &flags) != 0) {
    perror("shut-down");
    return 1;
  }
  return 0;
}
