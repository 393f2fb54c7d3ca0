/** What a row of the microbench calls again and again. */
export interface Subject {
  /** The layer, and what is called: the row is `micro.<name>_ns`. */
  readonly name: string;
  /** Makes what is needed. @returns the call to be timed */
  readonly prepare: () => () => void;
}
