/**
 * The counters by strongSwan's names, in the order they are printed. From `ikeInInitReq` on there are four per exchange type: request and
 * response received, request and response sent.
 */
export const COUNTER_NAMES = [
  "ikeInitRekey",
  "ikeRspRekey",
  "ikeChildSaRekey",
  "ikeInInvalid",
  "ikeInInvalidSpi",
  "ikeInInitReq",
  "ikeInInitRsp",
  "ikeOutInitReq",
  "ikeOutInitRsp",
  "ikeInAuthReq",
  "ikeInAuthRsp",
  "ikeOutAuthReq",
  "ikeOutAuthRsp",
  "ikeInCrChildReq",
  "ikeInCrChildRsp",
  "ikeOutCrChildReq",
  "ikeOutCrChildRsp",
  "ikeInInfoReq",
  "ikeInInfoRsp",
  "ikeOutInfoReq",
  "ikeOutInfoRsp",
] as const;

/** Places in `COUNTER_NAMES`. */
export enum Counter {
  INIT_REKEY = 0,
  RSP_REKEY = 1,
  CHILD_SA_REKEY = 2,
  IN_INVALID = 3,
  IN_INVALID_SPI = 4,
  FIRST_MESSAGE = 5,
}
