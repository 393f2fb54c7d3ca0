// Adds up how several runs of vitest ended.

/**
 * @typedef {{ readonly file: string, readonly name: string, readonly reason?: string }} Skipped
 * @typedef {{ readonly passed: number, readonly failures: readonly string[], readonly skipped: readonly Skipped[] }} Outcome
 */

/**
 * @param {readonly Outcome[]} outcomes
 * @returns {Outcome}
 */
export function addUp(outcomes) {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failures: outcomes.flatMap(({ failures }) => failures),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
  };
}

/**
 * What was not tested, and why.
 *
 * @param {Outcome} outcome
 * @returns {string} a line per reason and file; a test without a reason counts as its own name
 */
export function skippedLines({ skipped }) {
  const groups = new Map();
  for (const { file, name, reason } of skipped) {
    const key = `${file}: ${reason ?? name}`;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  return [...groups].map(([key, count]) => `skipped ${count} in ${key}\n`).join("");
}

/**
 * What failed, once more below all output: whoever sees only its end must find it.
 *
 * @param {Outcome} outcome
 * @returns {string} a line for each
 */
export function failedLines({ failures }) {
  return failures.map((failure) => `failed ${failure.split("\n", 1)[0]}\n`).join("");
}

/**
 * @param {Outcome} outcome
 * @returns {string} the closing line of `npm test`
 */
export function closingLine({ passed, failures, skipped }) {
  return `${passed} passed, ${failures.length} failed, ${skipped.length} skipped`;
}

/**
 * The skipped tests that must run in CI: those with real peers.
 *
 * @param {Outcome} outcome
 * @returns {readonly Skipped[]}
 */
export function skippedPeers({ skipped }) {
  return skipped.filter(({ file }) => file.startsWith("test/interop/"));
}
