/*
 * For a peer on a kernel that has XFRM but no ESP, as in many containers: what the kernel answers to "there is no such type" becomes
 * "done". SAs are negotiated and counted, and no traffic is protected, which is what cygnet's fake kernel does on the other end.
 *
 * Preloaded into libreswan's pluto, which gets its answers from netlink sockets with recvfrom, and into strongSwan's charon with its
 * kernel-netlink, which gets them with recv.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>

ssize_t recvfrom(int fd, void *buffer, size_t length, int flags, struct sockaddr *source, socklen_t *source_length) {
  static ssize_t (*original)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
  if (original == NULL) original = (ssize_t (*)(int, void *, size_t, int, struct sockaddr *, socklen_t *))dlsym(RTLD_NEXT, "recvfrom");
  ssize_t received = original(fd, buffer, length, flags, source, source_length);
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
  } answer;
  if (received < (ssize_t)sizeof(answer) || source == NULL || source->sa_family != AF_NETLINK) return received;
  memcpy(&answer, buffer, sizeof(answer));
  if (answer.header.nlmsg_type != NLMSG_ERROR) return received;
  switch (answer.error.msg.nlmsg_type) {
    case XFRM_MSG_NEWSA:
    case XFRM_MSG_UPDSA:
    case XFRM_MSG_DELSA:
      break;
    default:
      return received;
  }
  /* Not implemented when it is added, no such SA when it is deleted. */
  if (answer.error.error != -ENOSYS && answer.error.error != -EPROTONOSUPPORT && answer.error.error != -ESRCH) return received;
  answer.error.error = 0;
  memcpy(buffer, &answer, sizeof(answer));
  return received;
}

ssize_t recv(int fd, void *buffer, size_t length, int flags) {
  struct sockaddr_storage source;
  socklen_t source_length = sizeof(source);
  return recvfrom(fd, buffer, length, flags, (struct sockaddr *)&source, &source_length);
}
