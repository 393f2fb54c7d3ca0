import type { MessagePort, Worker } from "node:worker_threads";
import { CygnetError, InternalError } from "@cygnet/plugin-api";

/** What crosses: something told, a call with its number, or what became of one. */
type Message =
  | readonly [kind: "tell", method: string, args: readonly unknown[]]
  | readonly [kind: "call", id: number, method: string, args: readonly unknown[]]
  | readonly [kind: "answer", id: number, value: unknown]
  | readonly [kind: "error", id: number, error: WireError];

/** An error as plain data. */
interface WireError {
  readonly code: string;
  readonly message: string;
}

interface Pending {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Methods of a port, none of which is one of an object's own (`then` would make it look like a promise). */
type Methods = Record<string, (...args: readonly unknown[]) => unknown>;

/**
 * A link over threads: makes the methods of objects here callable there, and the other way round. Calls arrive in their order. Errors cross with
 * their code and message; a call that nobody waits for, and what is told, may fail unheard.
 *
 * @typeParam Remote what the other side lets us call; all of it answers with a promise here, other than what is told
 */
export class PortLink<Remote extends object> {
  /** Stands for the object on the other side. */
  readonly remote: Remote;
  readonly #port: MessagePort | Worker;
  readonly #pending = new Map<number, Pending>();
  #locals: readonly Methods[] = [];
  #nextId = 1;
  #closed: Error | undefined;
  #standIn: Methods | undefined;

  /** @param told methods of either side that have no answer */
  constructor(port: MessagePort | Worker, told: ReadonlySet<string>) {
    this.#port = port;
    this.remote = new Proxy({} as Remote, {
      get: (_target, method) => {
        if (typeof method !== "string" || method === "then") return undefined;
        return told.has(method)
          ? (...args: readonly unknown[]) => this.#tell(method, args)
          : (...args: readonly unknown[]) => this.#call(method, args);
      },
    });
    port.on("message", (message: Message) => this.#receive(message));
  }

  /** What the other side may call: the methods of the first object that has one of the name. */
  serve(...locals: readonly object[]): void {
    this.#locals = locals as readonly Methods[];
  }

  /**
   * Calls that wait for an answer, and later ones, end with an error.
   * @param standIn answers them instead
   */
  close(reason: string, standIn?: Remote): void {
    this.#closed = new InternalError(reason);
    this.#standIn = standIn as Methods | undefined;
    if ("close" in this.#port) this.#port.close();
    for (const { method, args, resolve } of this.#pending.values()) resolve(this.#answerClosed(method, args));
    this.#pending.clear();
  }

  #tell(method: string, args: readonly unknown[]): void {
    if (!this.#closed) this.#port.postMessage(["tell", method, args] satisfies Message);
  }

  #call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#closed) return this.#answerClosed(method, args);
    const id = this.#nextId++;
    const answer = new Promise((resolve, reject) => {
      this.#port.postMessage(["call", id, method, args] satisfies Message);
      this.#pending.set(id, { method, args, resolve, reject });
    });
    // A shard that dies must not make faults of what control only told it.
    answer.catch(() => undefined);
    return answer;
  }

  #answerClosed(method: string, args: readonly unknown[]): Promise<unknown> {
    const answer = this.#standIn ? callOn(this.#standIn, method, args) : Promise.reject(this.#closed!);
    answer.catch(() => undefined);
    return answer;
  }

  #receive(message: Message): void {
    if (message[0] === "tell") return void this.#run(message[1], message[2]).catch(() => undefined);
    if (message[0] === "call") return void this.#answer(message[1], message[2], message[3]);
    const [kind, id, value] = message;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (kind === "answer") pending?.resolve(value);
    else pending?.reject(new CygnetError(value.code, value.message));
  }

  async #answer(id: number, method: string, args: readonly unknown[]): Promise<void> {
    let answer: Message;
    try {
      answer = ["answer", id, await this.#run(method, args)];
    } catch (error) {
      answer = ["error", id, wireError(error)];
    }
    if (!this.#closed) this.#port.postMessage(answer);
  }

  async #run(method: string, args: readonly unknown[]): Promise<unknown> {
    const local = this.#locals.find((each) => method in each);
    if (!local) throw new InternalError(`nothing here answers '${method}'`);
    return local[method]!(...args);
  }
}

async function callOn(methods: Methods, method: string, args: readonly unknown[]): Promise<unknown> {
  return methods[method]!(...args);
}

function wireError(error: unknown): WireError {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return {
    code: typeof code === "string" ? code : "CYG_INTERNAL",
    message: typeof message === "string" ? message : String(error),
  };
}
