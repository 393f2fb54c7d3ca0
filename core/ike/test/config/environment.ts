import { parseProposal } from "@cygnet/crypto";
import { ProtocolId } from "@cygnet/wire";
import type { CompileEnv } from "../../src/config/index.js";

/** Compiles with the real proposal parser; `default` is one fixed proposal per protocol. */
export const env: CompileEnv = {
  parseProposal,
  defaultProposals: (protocol) => [
    parseProposal(
      protocol,
      protocol === ProtocolId.IKE ? "aes128-sha256-modp2048" : protocol === ProtocolId.AH ? "sha256" : "aes128-sha256",
    ),
  ],
};

/** Plugins that provide nothing: `default` stands for no proposal at all. */
export const bareEnv: CompileEnv = { parseProposal, defaultProposals: () => [] };
