import { request as httpRequest } from "node:http";
import type { IncomingMessage, RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { FetchRequest, Fetcher } from "@cygnet/plugin-api";

/** Redirects that are followed where their number is not limited. */
const MOST_REDIRECTS = 50;

/** Why an answer is no use. */
class UnusableAnswer extends Error {}

/** Fetches from HTTP and HTTPS servers, each time over a connection of its own. */
export class HttpFetcher implements Fetcher {
  /** @param redirects that are followed, -1 for as many as there are */
  constructor(private readonly redirects: number) {}

  async fetch(wanted: FetchRequest, signal: AbortSignal): Promise<Uint8Array> {
    const most = this.redirects < 0 ? MOST_REDIRECTS : this.redirects;
    let { uri } = wanted;
    for (let followed = 0; ; followed++) {
      const answer = await send(new URL(uri), wanted, signal);
      const { statusCode = 0, headers } = answer;
      const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
      if (!isRedirect) return read(answer, wanted.maxOctets);
      answer.destroy();
      if (followed === most) throw new UnusableAnswer(`more than ${most} redirects`);
      uri = new URL(headers.location!, uri).href;
    }
  }
}

function send(url: URL, { body }: FetchRequest, signal: AbortSignal): Promise<IncomingMessage> {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new UnusableAnswer(`redirected to the unsupported scheme '${url.protocol}'`);
  const options: RequestOptions = {
    signal,
    agent: false,
    method: body ? "POST" : "GET",
    headers: body ? { "content-type": body.type, "content-length": body.octets.length } : {},
  };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, resolve);
    sent.on("error", reject);
    sent.end(body?.octets);
  });
}

async function read(answer: IncomingMessage, maxOctets: number): Promise<Uint8Array> {
  const { statusCode = 0 } = answer;
  try {
    if (statusCode < 200 || statusCode >= 300) throw new UnusableAnswer(`HTTP status ${statusCode}`);
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of answer as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > maxOctets) throw new UnusableAnswer(`more than ${maxOctets} octets`);
      pieces.push(piece);
    }
    return new Uint8Array(Buffer.concat(pieces));
  } finally {
    answer.destroy();
  }
}
