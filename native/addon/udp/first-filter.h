#pragma once

#include <cstdint>

namespace cygnet {

/**
 * Has the kernel deliver a share of the messages that begin an IKE_SA, picked by chance, and drop the others before
 * they are queued: what it takes a datagram to be is what BeginningOf says, and those with a COOKIE are all delivered.
 *
 * @param share 0..1; 1 delivers all again
 * @return an errno, 0 for success
 */
int DeliverFirst(int fd, double share);

/** What the kernel dropped of a socket so far, for any reason, modulo 2^32; false where it does not tell. */
bool DropsOf(int fd, uint32_t* drops);

}  // namespace cygnet
