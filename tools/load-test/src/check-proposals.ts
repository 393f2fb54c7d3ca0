import { UsageError } from "@cygnet/command";
import { DEFAULT_ESP, DEFAULT_PROPOSAL } from "./load-test-arguments.js";
import type { LoadTestArguments } from "./load-test-arguments.js";
import { askStroke } from "./ask-stroke.js";

/** A proposal of the command line, by its option. */
interface Asked {
  readonly option: "--proposal" | "--esp";
  readonly text: string;
}

/** Those that are not the defaults, which need no look. */
function asked({ proposal, esp }: LoadTestArguments): Asked[] {
  const found: Asked[] = [];
  if (proposal !== DEFAULT_PROPOSAL) found.push({ option: "--proposal", text: proposal });
  if (esp !== DEFAULT_ESP) found.push({ option: "--esp", text: esp });
  return found;
}

/**
 * Refuses proposals that no daemon can take. The load-tester plugin would replace them with its defaults, as strongSwan's does, and the
 * figures would be those of other algorithms.
 * @throws {UsageError} with the word that is wrong
 */
export async function checkProposals(args: LoadTestArguments): Promise<void> {
  for (const { option, text } of asked(args)) {
    // Not above: a start with the defaults need not wait for it.
    const [{ parseProposal, ProposalError }, { ProtocolId }] = await Promise.all([
      import("@cygnet/crypto"),
      import("@cygnet/wire"),
    ]);
    try {
      parseProposal(option === "--esp" ? ProtocolId.ESP : ProtocolId.IKE, text);
    } catch (error) {
      if (!(error instanceof ProposalError)) throw error;
      throw new UsageError(`${option}: '${text}' cannot be used: ${error.message}`, { cause: error });
    }
  }
}

/**
 * Refuses proposals with an algorithm that no plugin of a running daemon has. Ciphers of ESP are the kernel's business and not looked at.
 * @param socket path of the daemon's stroke socket
 * @throws {UsageError} with the word that is wrong
 */
export async function checkAlgorithms(args: LoadTestArguments, socket: string): Promise<void> {
  const proposals = asked(args);
  if (proposals.length === 0) return;
  const registered = await registeredAlgorithms(socket);
  // Without stroke there is nobody to ask; what is missing then shows in how the sessions fail.
  if (registered === undefined) return;
  const [{ defaultKeywords, transformToString }, { TransformType }] = await Promise.all([
    import("@cygnet/crypto"),
    import("@cygnet/wire"),
  ]);
  for (const { option, text } of proposals) {
    for (const word of text.split("-")) {
      const keyword = defaultKeywords.lookup(word);
      if (keyword === undefined || keyword.type === TransformType.EXTENDED_SEQUENCE_NUMBERS) continue;
      if (option === "--esp" && keyword.type !== TransformType.KEY_EXCHANGE_METHOD) continue;
      // Listed without the key size, which a proposal has behind the name.
      const name = transformToString(keyword.type, keyword.transform);
      if (!NO_ALGORITHM.has(word) && !registered.has(name) && !registered.has(name.replace(/_\d+$/, "")))
        throw new UsageError(`${option}: no plugin that is loaded has '${word}' of '${text}'`);
    }
  }
}

/** Keywords that stand for the absence of a key exchange. */
const NO_ALGORITHM = new Set(["none", "modpnone"]);

/** Names as in `listalgs`; undefined if the daemon does not tell. */
async function registeredAlgorithms(socket: string): Promise<ReadonlySet<string> | undefined> {
  let text = "";
  const error = await askStroke(socket, "listalgs", (chunk) => (text += chunk));
  return error === undefined ? new Set([...text.matchAll(/ (\w+)\[/g)].map(([, name]) => name)) : undefined;
}
