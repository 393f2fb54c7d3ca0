import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, MaybePromise, WaitMeter } from "@cygnet/plugin-api";
import { NodeTimers } from "../timer-source.js";
import type { PluginTimes } from "../profile/plugin-times.js";
import type { TimerSource } from "../timer-source.js";

/** A plugin that keeps the thread longer than this at a time holds up all IKE_SAs of the thread, and is named. */
export const PLUGIN_BLOCK_MS = 100;
/**
 * How long the answer of a plugin is waited for while an IKE_SA is set up, unless `charon.plugin_timeout` says otherwise. Below the 30 s after
 * which a half-open one is given up, so that the peer gets an answer.
 */
export const PLUGIN_ANSWER_MS = 10_000;

/** What a `PluginGuard` works with. */
export interface PluginGuardOptions {
  readonly log: Logger;
  readonly timers?: TimerSource;
  /** For the profile. */
  readonly waits?: WaitMeter;
  /** Also for the profile: what `watch` sees. */
  readonly times?: PluginTimes;
  /** Milliseconds that a plugin may take to answer. */
  readonly limitMs?: number;
  /** Milliseconds with fractions. */
  readonly now?: () => number;
}

/** How `watch` looks on. */
export interface WatchOptions {
  /** Which of the occasions it is, for the log. */
  readonly which?: string;
  /** From how many milliseconds on it is named in the log, `PLUGIN_BLOCK_MS` if not set. */
  readonly blockMs?: number;
}

const WATCHED: WatchOptions = {};

/** A call into a plugin. */
export interface PluginCall<R> {
  /** What is called, `listener` for instance, and its name, which is its plugin's. */
  readonly kind: string;
  readonly name: string;
  /** The method. */
  readonly what: string;
  /** Goes for its answer where it has none. */
  readonly otherwise: R;
  /** Milliseconds that it may take, those of the guard if not set. */
  readonly limitMs?: number;
  /** Gets an answer that comes too late, so that what it stands for is not lost. */
  readonly late?: (result: R) => void;
}

type Callee = Pick<PluginCall<unknown>, "kind" | "name" | "what">;

/**
 * Calls into plugins while IKE_SAs are worked on. One that throws, rejects, keeps the thread or does not answer is named in the log with the time that
 * it took; who called goes on without it.
 */
export class PluginGuard {
  readonly #log: Logger;
  readonly #timers: TimerSource;
  readonly #waits: WaitMeter | undefined;
  readonly #times: PluginTimes | undefined;
  readonly #limitMs: number;
  readonly #now: () => number;

  constructor({
    log,
    timers = new NodeTimers(),
    waits,
    times,
    limitMs = PLUGIN_ANSWER_MS,
    now = () => performance.now(),
  }: PluginGuardOptions) {
    this.#times = times;
    this.#limitMs = limitMs;
    this.#log = log;
    this.#timers = timers;
    this.#waits = waits;
    this.#now = now;
  }

  /** @returns at once, and without a promise, unless the plugin has to wait. Never throws or rejects */
  call<R>(call: PluginCall<R>, act: () => MaybePromise<R>): MaybePromise<R> {
    const startMs = this.#now();
    let result: MaybePromise<R>;
    try {
      result = act();
    } catch (error) {
      this.#tellFailure(call, error, startMs);
      return call.otherwise;
    }
    const ms = this.#now() - startMs;
    if (ms >= PLUGIN_BLOCK_MS) this.#tellBlock(call, ms);
    return result instanceof Promise ? this.#wait(call, result, startMs) : result;
  }

  /**
   * Calls what has no answer, many times for each IKE_SA: nothing is allocated for it here. What becomes of a promise is told, but nobody waits for
   * it.
   * @param subject whose method it is; its name is the plugin's
   */
  notify<S extends { readonly name: string }>(kind: string, subject: S, what: string, act: (subject: S) => unknown): void {
    const startMs = this.#now();
    let result: unknown;
    try {
      result = act(subject);
    } catch (error) {
      this.#tellFailure({ kind, name: subject.name, what }, error, startMs);
      return;
    }
    const ms = this.#now() - startMs;
    if (ms >= PLUGIN_BLOCK_MS) this.#tellBlock({ kind, name: subject.name, what }, ms);
    if (result instanceof Promise) void this.#wait({ kind, name: subject.name, what, otherwise: undefined }, result, startMs);
  }

  /**
   * Has code of a plugin run on an occasion of its own: a registration, a job, an event of a socket. What it throws, and what becomes of a
   * promise, is the caller's to handle.
   * @param what the occasion, one of a few
   */
  watch<R>(plugin: string, what: string, act: () => R, { which, blockMs = PLUGIN_BLOCK_MS }: WatchOptions = WATCHED): R {
    const startMs = this.#now();
    try {
      return act();
    } finally {
      this.#watched(plugin, what, which, startMs, blockMs);
    }
  }

  #watched(plugin: string, what: string, which: string | undefined, startMs: number, blockMs: number): void {
    const ms = this.#now() - startMs;
    this.#times?.record(plugin, what, ms);
    if (ms >= blockMs)
      this.#tellBlock({ kind: "plugin", name: plugin, what: which === undefined ? what : `${what} ${which}` }, ms);
  }

  /**
   * As `watch`, for an answer that nothing else can stand in for: it is waited for as long as it takes, and from `limitMs` on its plugin is named.
   * @param what one of a few; `which` of them is asked for
   */
  waitFor<R>(plugin: string, what: string, act: () => MaybePromise<R>, which: string): MaybePromise<R> {
    const startMs = this.#now();
    let result: MaybePromise<R>;
    try {
      result = act();
    } finally {
      this.#watched(plugin, what, which, startMs, PLUGIN_BLOCK_MS);
    }
    if (!(result instanceof Promise)) return result;
    void this.#waits?.measure(plugin, what, result);
    const label = `plugin '${plugin}'`;
    let isLate = false;
    const timer = this.#timers.timer(() => {
      isLate = true;
      this.#say(`${label} has not answered on ${what} ${which} within ${this.#limitMs / 1000} s`);
    });
    timer.arm(this.#limitMs);
    const end = (): void => {
      timer.disarm();
      if (isLate) this.#say(`${label} answered on ${what} ${which} after ${Math.round(this.#now() - startMs)} ms`);
    };
    result.then(end, end);
    return result;
  }

  #wait<R>(call: PluginCall<R>, pending: Promise<R>, startMs: number): Promise<R> {
    void this.#waits?.measure(call.name, call.what, pending);
    const { limitMs = this.#limitMs } = call;
    return new Promise<R>((resolve) => {
      let isLate = false;
      const timer = this.#timers.timer(() => {
        isLate = true;
        this.#say(`${label(call)} has not answered on ${call.what} within ${limitMs / 1000} s, going on without it`);
        resolve(call.otherwise);
      });
      timer.arm(limitMs);
      pending.then(
        (result) => {
          timer.disarm();
          if (!isLate) return resolve(result);
          this.#say(`${label(call)} answered on ${call.what} after ${Math.round(this.#now() - startMs)} ms, too late`);
          call.late?.(result);
        },
        (error: unknown) => {
          timer.disarm();
          this.#tellFailure(call, error, startMs);
          resolve(call.otherwise);
        },
      );
    });
  }

  #tellBlock(call: Callee, ms: number): void {
    this.#say(`${label(call)} kept the thread for ${Math.round(ms)} ms on ${call.what}`);
  }

  #tellFailure(call: Callee, error: unknown, startMs: number): void {
    const ms = this.#now() - startMs;
    const after = ms >= PLUGIN_BLOCK_MS ? ` after ${Math.round(ms)} ms` : "";
    this.#say(`${label(call)} failed on ${call.what}${after}: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof Error && error.stack !== undefined) this.#log.log(LogGroup.LIB, 2, error.stack);
  }

  #say(message: string): void {
    this.#log.log(LogGroup.LIB, 1, message);
  }
}

function label({ kind, name }: Pick<Callee, "kind" | "name">): string {
  return `${kind} '${name}'`;
}
