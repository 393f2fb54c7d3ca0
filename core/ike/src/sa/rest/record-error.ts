import { CygnetError } from "@cygnet/plugin-api";

/** A record is not what was put to rest: `field` and `offset` (in octets from its beginning) say where. The end of the IKE_SA it was of. */
export class RecordError extends CygnetError {
  constructor(
    readonly field: string,
    readonly offset: number,
    problem: string,
  ) {
    super("CYG_IKE_RECORD", `record is unusable: ${field} at offset ${offset} ${problem}`);
  }
}
