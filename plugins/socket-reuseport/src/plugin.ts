import { socketPlugin } from "@cygnet/udp";

/** UDP sockets like those of `socket-default`, one for each shard, in SO_REUSEPORT groups that the kernel steers by SPI. */
export default socketPlugin("socket-reuseport", { hasOneReceiver: false });
