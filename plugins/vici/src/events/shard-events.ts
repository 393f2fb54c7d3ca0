import type {
  Alert,
  Bus,
  ChildSaStatus,
  ChildSaView,
  ControlLink,
  Host,
  IkeSaStatus,
  IkeSaView,
  Listener,
  Logger,
  MaybePromise,
  ShardController,
} from "@cygnet/plugin-api";
import { LogGroup } from "@cygnet/plugin-api";
import { MessageWriter } from "@cygnet/vici";
import { sectionName, writeChildSa, writeIkeSa } from "../format/index.js";
import type { SaEvent } from "../server/event-names.js";
import { EVENTS_OF_TURN, STARTED, WANTED } from "./event-topics.js";
import type { EncodedEvent } from "./event-topics.js";

/** What the events of a shard are made with. */
export interface ShardEventsParts {
  readonly bus: Bus;
  readonly link: ControlLink;
  readonly controller: Pick<ShardController, "statusOf">;
  readonly log: Logger;
  /** Runs at the end of the loop's turn; `setImmediate`, but for tests. */
  readonly defer?: (run: () => void) => void;
}

/**
 * Tells control of what happens to the SAs of a shard, as far as any client wants to know; as long as nobody does, nothing is listened to.
 * Messages are encoded here, once for all clients, and cross to control in one piece for each turn of the loop.
 */
export class ShardEvents {
  readonly #parts: ShardEventsParts;
  readonly #writer = new MessageWriter();
  readonly #stopAnswering: () => void | Promise<void>;
  #stopListening: () => void = () => undefined;
  #batch: EncodedEvent[] = [];
  /** Settles when the kernel has answered for all events so far; undefined where it has. */
  #asking: Promise<void> | undefined;

  constructor(parts: ShardEventsParts) {
    this.#parts = parts;
    this.#stopAnswering = parts.link.answer(WANTED, (events) => this.#listen(events));
    parts.link.tell(STARTED, undefined);
  }

  async stop(): Promise<void> {
    await this.#stopAnswering();
    this.#stopListening();
    await this.#asking;
    this.#flush();
  }

  #listen(events: readonly SaEvent[]): void {
    this.#stopListening();
    this.#stopListening = events.length === 0 ? () => undefined : this.#parts.bus.addListener(this.#listener(events));
  }

  /** A bus calls only the methods that are there, so what nobody wants costs nothing. */
  #listener(wanted: readonly SaEvent[]): Listener {
    const listener: Listener = { name: "vici" };
    if (wanted.includes("ike-updown")) listener.ikeUpdown = (ikeSa, up) => this.#ikeUpdown(ikeSa, up);
    if (wanted.includes("ike-rekey")) listener.ikeRekey = (oldSa, newSa) => this.#ikeRekey(oldSa, newSa);
    if (wanted.includes("ike-update")) listener.ikeUpdate = (ikeSa, local, remote) => this.#ikeUpdate(ikeSa, local, remote);
    if (wanted.includes("child-updown")) listener.childUpdown = (ikeSa, child, up) => this.#childUpdown(ikeSa, child, up);
    if (wanted.includes("child-rekey")) listener.childRekey = (ikeSa, old, fresh) => this.#childRekey(ikeSa, old, fresh);
    if (wanted.includes("alert")) listener.alert = (ikeSa, alert) => this.#alert(ikeSa, alert);
    return listener;
  }

  #ikeUpdown(ikeSa: IkeSaView, up: boolean): void {
    this.#about("ike-updown", ikeSa, false, (writer, status) => {
      if (up) writer.value("up", true);
      writer.beginSection(sectionName(status.name));
      writeIkeSa(writer, status);
      writer.endSection();
    });
  }

  #ikeRekey(oldSa: IkeSaView, newSa: IkeSaView): void {
    const fresh = this.#status(newSa);
    this.#about("ike-rekey", oldSa, false, (writer, old) => {
      writer.beginSection(sectionName(old.name)).beginSection("old");
      writeIkeSa(writer, old);
      writer.endSection().beginSection("new");
      writeIkeSa(writer, fresh);
      writer.endSection().endSection();
    });
  }

  /** The section has the addresses that it had. */
  #ikeUpdate(ikeSa: IkeSaView, local: Host, remote: Host): void {
    this.#about("ike-update", ikeSa, false, (writer, status) => {
      writer.value("local-host", local.toString()).value("local-port", local.port);
      writer.value("remote-host", remote.toString()).value("remote-port", remote.port);
      writer.beginSection(sectionName(status.name));
      writeIkeSa(writer, status);
      writer.endSection();
    });
  }

  #childUpdown(ikeSa: IkeSaView, { uniqueId }: ChildSaView, up: boolean): void {
    this.#about("child-updown", ikeSa, true, (writer, status) => {
      if (up) writer.value("up", true);
      writer.beginSection(sectionName(status.name));
      writeIkeSa(writer, status);
      writer.beginSection("child-sas");
      const child = childOf(status, uniqueId);
      if (child) {
        writer.beginSection(sectionName(`${child.name}-${child.uniqueId}`));
        writeChildSa(writer, child);
        writer.endSection();
      }
      writer.endSection().endSection();
    });
  }

  #childRekey(ikeSa: IkeSaView, oldChild: ChildSaView, newChild: ChildSaView): void {
    const [oldId, newId, name] = [oldChild.uniqueId, newChild.uniqueId, oldChild.name];
    this.#about("child-rekey", ikeSa, true, (writer, status) => {
      writer.beginSection(sectionName(status.name));
      writeIkeSa(writer, status);
      writer.beginSection("child-sas").beginSection(sectionName(name));
      for (const [section, id] of [
        ["old", oldId],
        ["new", newId],
      ] as const) {
        writer.beginSection(section);
        const child = childOf(status, id);
        if (child) writeChildSa(writer, child);
        writer.endSection();
      }
      writer.endSection().endSection().endSection();
    });
  }

  #alert(ikeSa: IkeSaView | undefined, { alert }: Alert): void {
    if (!ikeSa) return this.#add("alert", undefined, (writer) => writer.value("type", alert));
    this.#about("alert", ikeSa, false, (writer, status) => {
      writer.value("type", alert).beginSection("ike-sa").beginSection(sectionName(status.name));
      writeIkeSa(writer, status);
      writer.endSection().endSection();
    });
  }

  /** Without asking the kernel, so at once. */
  #status(ikeSa: IkeSaView): IkeSaStatus {
    return this.#parts.controller.statusOf(ikeSa, false) as IkeSaStatus;
  }

  #about(event: SaEvent, ikeSa: IkeSaView, withUse: boolean, write: (writer: MessageWriter, status: IkeSaStatus) => void): void {
    this.#add(event, this.#parts.controller.statusOf(ikeSa, withUse), write);
  }

  /** Events keep their order, also where the kernel takes its time to say what went through an SA. */
  #add<T>(event: SaEvent, status: MaybePromise<T>, write: (writer: MessageWriter, status: T) => void): void {
    if (!(status instanceof Promise) && !this.#asking) return this.#encode(event, status, write);
    const before = this.#asking;
    const asking = (async () => {
      await before;
      try {
        this.#encode(event, await status, write);
      } catch (error) {
        this.#parts.log.log(LogGroup.CFG, 1, `vici event ${event} failed: ${String(error)}`);
      }
    })();
    this.#asking = asking;
    void asking.then(() => {
      if (this.#asking === asking) this.#asking = undefined;
    });
  }

  #encode<T>(event: SaEvent, status: T, write: (writer: MessageWriter, status: T) => void): void {
    this.#writer.reset();
    write(this.#writer, status);
    if (this.#batch.length === 0) (this.#parts.defer ?? setImmediate)(() => this.#flush());
    this.#batch.push({ event, message: this.#writer.octets.slice() });
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#parts.link.tell(EVENTS_OF_TURN, batch);
  }
}

const childOf = (status: IkeSaStatus, uniqueId: number): ChildSaStatus | undefined =>
  status.children.find((child) => child.uniqueId === uniqueId);
