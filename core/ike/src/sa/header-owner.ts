import type { IkeHeader } from "@cygnet/wire";
import type { IkeSaGlance } from "./rest/ike-sa-record.js";

/** Whether the header is one of the peer's, with its SPI, which is not known yet when the first response comes. */
export function isOfPeer(ikeSa: IkeSaGlance, header: IkeHeader): boolean {
  if (ikeSa.isInitiator === header.isInitiator) return false;
  if (ikeSa.peerSpiHi === 0 && ikeSa.peerSpiLo === 0) return ikeSa.isInitiator;
  const hi = ikeSa.isInitiator ? header.spiResponderHi : header.spiInitiatorHi;
  const lo = ikeSa.isInitiator ? header.spiResponderLo : header.spiInitiatorLo;
  return ikeSa.peerSpiHi === hi && ikeSa.peerSpiLo === lo;
}
