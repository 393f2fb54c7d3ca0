/**
 * References and fallbacks: which sections to search for a path, and in which order.
 *
 * A section is followed by the sections it refers to, each again followed by those it refers to, then by what the references of the
 * enclosing sections hold under the same relative path. A section is searched once, so loops end by themselves.
 */

import type { Section } from "./section.js";

/** Path nodes kept. A daemon asks for a few hundred paths; names taken from a peer must not grow the table without end. */
const MAX_KEPT_NODES = 4096;

/** A path that was asked for, as a node in a tree of names: equal paths are the same node, and the parent is at hand. */
class PathNode {
  readonly children = new Map<string, PathNode>();
  /** The answer, once somebody asked for this very path. */
  answer: readonly Section[] | undefined;

  /** `parent` is unset for the empty path only. */
  constructor(
    readonly name: string,
    readonly parent: PathNode | undefined,
  ) {}
}

/** Work on one path: the sections of its parent are known once `isStarted`, those of the path itself gather in `found`. */
interface Frame {
  readonly path: PathNode;
  isStarted: boolean;
  readonly found: Set<Section>;
  /** Sections and references still to be looked at, next one last. */
  readonly pending: (Section | PathNode)[];
}

/** Finds the sections that make up a path. Answers are remembered, as the tree does not change. */
export class Resolver {
  readonly #root: Section;
  #top = new PathNode("", undefined);
  #nodes = 0;

  constructor(root: Section) {
    this.#root = root;
  }

  /** All sections that `path` stands for, the one to search first at the front; empty if there is none. The empty path is the root. */
  resolve(path: readonly string[]): readonly Section[] {
    if (this.#nodes > MAX_KEPT_NODES) {
      this.#top = new PathNode("", undefined);
      this.#nodes = 0;
    }
    const node = this.#intern(path);
    node.answer ??= new Resolution(this.#root, this.#top, (reference) => this.#intern(reference)).of(node);
    return node.answer;
  }

  #intern(path: readonly string[]): PathNode {
    let node = this.#top;
    for (const name of path) {
      let child = node.children.get(name);
      if (child === undefined) {
        child = new PathNode(name, node);
        node.children.set(name, child);
        this.#nodes += 1;
      }
      node = child;
    }
    return node;
  }
}

/**
 * One computation. Paths met on the way are computed once, but not kept for later computations: in a loop, what is found for an
 * inner path depends on where the loop was entered. Frames are on a stack of their own, as chains of references may be long.
 */
class Resolution {
  readonly #done: Map<PathNode, readonly Section[]>;
  readonly #active = new Map<PathNode, Frame>();
  readonly #frames: Frame[] = [];
  readonly #intern: (path: readonly string[]) => PathNode;

  constructor(root: Section, top: PathNode, intern: (path: readonly string[]) => PathNode) {
    this.#done = new Map([[top, [root]]]);
    this.#intern = intern;
  }

  of(path: PathNode): readonly Section[] {
    const known = this.#done.get(path);
    if (known !== undefined) return known;
    this.#enter(path);
    for (;;) {
      const frame = this.#frames[this.#frames.length - 1];
      const missing = this.#advance(frame);
      if (missing !== undefined) {
        this.#enter(missing);
        continue;
      }
      const found = [...frame.found];
      this.#done.set(frame.path, found);
      this.#active.delete(frame.path);
      this.#frames.pop();
      if (this.#frames.length === 0) return found;
    }
  }

  #enter(path: PathNode): void {
    const frame: Frame = { path, isStarted: false, found: new Set(), pending: [] };
    this.#active.set(path, frame);
    this.#frames.push(frame);
  }

  /** Goes on with a frame as far as what is known allows; returns the path whose sections are needed next, if any. */
  #advance(frame: Frame): PathNode | undefined {
    if (!frame.isStarted) {
      const missing = this.#pushSections(frame, frame.path);
      if (missing !== undefined) return missing;
      frame.isStarted = true;
    }
    for (let next = frame.pending.pop(); next !== undefined; next = frame.pending.pop()) {
      if (next instanceof PathNode) {
        const missing = this.#pushSections(frame, next);
        if (missing === undefined) continue;
        frame.pending.push(next);
        return missing;
      }
      if (frame.found.has(next)) continue;
      frame.found.add(next);
      for (const path of next.fallbacks.toReversed()) frame.pending.push(this.#intern(path));
      for (const path of next.references.toReversed()) frame.pending.push(this.#intern(path));
    }
    return undefined;
  }

  /** Puts the sections directly at `path` in line; returns the parent path instead if its sections are not known yet. */
  #pushSections(frame: Frame, path: PathNode): PathNode | undefined {
    const { parent } = path;
    if (parent === undefined) return undefined;
    // In a loop, a parent that is being worked on stands for what has been found of it so far.
    const parents = this.#done.get(parent) ?? this.#foundSoFar(parent);
    if (parents === undefined) return parent;
    for (const section of parents.toReversed()) {
      const child = section.sections.get(path.name);
      if (child !== undefined) frame.pending.push(child);
    }
    return undefined;
  }

  #foundSoFar(path: PathNode): readonly Section[] | undefined {
    const frame = this.#active.get(path);
    return frame === undefined ? undefined : [...frame.found];
  }
}
