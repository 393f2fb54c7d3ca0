import { StrokeListFlag } from "../abi/index.js";
import type { StrokeMessage, StrokeMessageType } from "../abi/index.js";
import {
  algorithmLines,
  authorityLines,
  certificateLines,
  ocspResponseLines,
  pgpKeyLines,
  pluginLines,
  revocationListLines,
} from "../format/index.js";
import type { CommandContext, Reply } from "./command.js";

/** The `list...` commands. Lists that are empty have no heading either. */
export async function list(
  { fields }: StrokeMessage<StrokeMessageType.LIST>,
  context: CommandContext,
  reply: Reply,
): Promise<void> {
  const nowMs = Date.now();
  const certificates = context.credentials.listCertificates();
  if (fields.flags & StrokeListFlag.CERTS) {
    await reply.write(pgpKeyLines(context.credentials.listPgpKeys()));
    const ends = certificates.filter(({ isCa, isOcspSigner }) => !isCa && !isOcspSigner);
    await reply.write(certificateLines("End Entity Certificates", ends, nowMs));
  }
  if (fields.flags & StrokeListFlag.CACERTS) {
    const authorities = certificates.filter(({ isCa }) => isCa);
    await reply.write(certificateLines("CA Certificates", authorities, nowMs));
  }
  if (fields.flags & StrokeListFlag.OCSPCERTS) {
    const signers = certificates.filter(({ isOcspSigner }) => isOcspSigner);
    await reply.write(certificateLines("OCSP Signer Certificates", signers, nowMs));
  }
  if (fields.flags & StrokeListFlag.CAINFOS) await reply.write(authorityLines([...context.caSections.list()]));
  if (fields.flags & StrokeListFlag.CRLS)
    await reply.write(revocationListLines(context.credentials.listRevocationLists(), nowMs));
  if (fields.flags & StrokeListFlag.OCSP) await reply.write(ocspResponseLines(context.credentials.listOcspResponses()));
  if (fields.flags & StrokeListFlag.ALGS) await reply.write(algorithmLines(context.algorithms()));
  if (fields.flags & StrokeListFlag.PLUGINS) await reply.write(pluginLines(context.plugins()));
}
