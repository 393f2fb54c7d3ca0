import { System } from "@cygnet/native";

const VARIABLE = "NOTIFY_SOCKET";

/** What is used of the system. A test may pass a fake. */
export type NotifySystem = Pick<System, "notify" | "monotonicNs">;

/**
 * The service manager that has started this process and waits for word, as systemd does with `Type=notify` (sd_notify(3)). Where there is
 * none, nothing happens.
 */
export class ServiceManager {
  readonly #address: string | undefined;
  readonly #system: NotifySystem;
  #onTrouble: (message: string) => void = () => undefined;

  private constructor(address: string | undefined, system: NotifySystem) {
    this.#address = address;
    this.#system = system;
  }

  /** Takes $NOTIFY_SOCKET out of the environment, so that no script or program that we start speaks for us. */
  static claim(environment: NodeJS.ProcessEnv = process.env, system: NotifySystem = new System()): ServiceManager {
    const address = environment[VARIABLE];
    delete environment[VARIABLE];
    return new ServiceManager(address === "" ? undefined : address, system);
  }

  /** @param onTrouble gets a line when it could not be told; that is no reason not to go on */
  useLog(onTrouble: (message: string) => void): void {
    this.#onTrouble = onTrouble;
  }

  /** We serve. */
  ready(): void {
    this.#tell("READY=1");
  }

  /** The configuration is read again; `ready` follows. */
  reloading(): void {
    this.#tell(`RELOADING=1\nMONOTONIC_USEC=${Math.floor(this.#system.monotonicNs() / 1000)}`);
  }

  /** We end. */
  stopping(): void {
    this.#tell("STOPPING=1");
  }

  #tell(message: string): void {
    if (this.#address === undefined) return;
    try {
      this.#system.notify(this.#address, message);
    } catch (error) {
      this.#onTrouble(`telling the service manager ${message.split("\n")[0]} failed: ${(error as Error).message}`);
    }
  }
}
