/**
 * What many records have in common (configurations, algorithms) by number, for as long as a record refers to it. 0 stands for none.
 *
 * By identity, not by value: an IKE_SA keeps the configuration it was made with.
 */
export class SharedValues<T extends object> {
  readonly #values: (T | undefined)[] = [undefined];
  readonly #users: number[] = [0];
  readonly #numbers = new Map<T, number>();
  readonly #free: number[] = [];

  /** Values that are referred to. */
  get size(): number {
    return this.#numbers.size;
  }

  /** The number of a value, for one more record to refer to. */
  refer(value: T | undefined): number {
    if (value === undefined) return 0;
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#values.length;
      this.#numbers.set(value, number);
      this.#values[number] = value;
      this.#users[number] = 0;
    }
    this.#users[number]!++;
    return number;
  }

  /** The value of a number; undefined for none, and for a number that nothing has. */
  get(number: number): T | undefined {
    return this.#values[number];
  }

  /** A record that refers to a value is gone. */
  drop(value: T | undefined): void {
    const number = value === undefined ? undefined : this.#numbers.get(value);
    if (number === undefined || --this.#users[number]! > 0) return;
    this.#numbers.delete(value!);
    this.#values[number] = undefined;
    this.#free.push(number);
  }
}
