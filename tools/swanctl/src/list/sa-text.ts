import type { Section } from "@cygnet/vici";

/** An IKE_SA and its CHILD_SAs, as `--list-sas` shows them. What the daemon does not tell is left out. */
export function ikeSaText(name: string, sa: Section): string {
  const isInitiator = sa.flag("initiator") === true;
  const spis = `${text(sa, "initiator-spi")}_i${isInitiator ? "*" : ""} ${text(sa, "responder-spi")}_r${isInitiator ? "" : "*"}`;
  const lines = [
    `${name}: #${text(sa, "uniqueid")}, ${text(sa, "state")}, IKEv${text(sa, "version")}, ${spis}`,
    `  local  ${end(sa, "local")}`,
    `  remote ${end(sa, "remote")}`,
  ];
  if (sa.text("encr-alg") !== undefined || sa.text("prf-alg") !== undefined)
    lines.push(
      `  ${[...algorithms(sa, "encr", "integ"), ...present(sa, "prf-alg", "dh-group"), ...additionalKeyExchanges(sa)].join("/")}`,
    );
  if (sa.text("established") !== undefined) lines.push(`  ${establishedText(sa)}`);
  for (const state of ["queued", "active", "passive"]) {
    const tasks = sa.list(`tasks-${state}`);
    if (tasks !== undefined) lines.push(`  ${`${state}:`.padEnd(8)} ${tasks.join(" ")}`);
  }
  for (const [, child] of sa.section("child-sas")?.sections() ?? [])
    // Events about rekeying have the old and the new one.
    lines.push(...childSaLines(child.section("new") ?? child));
  return `${lines.join("\n")}\n`;
}

/** One CHILD_SA, indented by two blanks. */
function childSaLines(child: Section): string[] {
  const mode = `${text(child, "mode")}${child.flag("encap") === true ? "-in-UDP" : ""}`;
  const algorithmNames = [
    ...algorithms(child, "encr", "integ"),
    ...present(child, "prf-alg", "dh-group"),
    ...additionalKeyExchanges(child),
    ...(child.flag("esn") === true ? ["ESN"] : []),
  ].join("/");
  const protocol = child.text("protocol");
  const isInstalled = protocol !== undefined;
  const suite = isInstalled ? `, ${protocol}:${algorithmNames}` : "";
  const lines = [
    `  ${text(child, "name")}: #${text(child, "uniqueid")}, reqid ${text(child, "reqid")}, ${text(child, "state")}, ${mode}${suite}`,
  ];
  if (child.text("install-time") !== undefined) {
    const [rekey, life] = [child.text("rekey-time"), child.text("life-time")];
    lines.push(
      `    installed ${text(child, "install-time")}s ago${rekey === undefined ? "" : `, rekeying in ${rekey}s`}${life === undefined ? "" : `, expires in ${life}s`}`,
    );
  }
  if (isInstalled) lines.push(trafficText(child, "in"), trafficText(child, "out"));
  const label = child.text("label");
  if (label !== undefined) lines.push(`    label  ${labelText(label)}`);
  for (const side of ["local", "remote"]) {
    const selectors = child.list(`${side}-ts`);
    if (selectors !== undefined) lines.push(`    ${side.padEnd(6)} ${selectors.join(" ")}`);
  }
  return lines;
}

/** A security label as text, from its octets in hexadecimal with the zero that ends it; in hexadecimal where it is none. */
export function labelText(hex: string): string {
  const octets = Buffer.from(hex, "hex");
  const label = octets.subarray(0, -1).toString();
  return octets.at(-1) === 0 && /^[\x20-\x7e]+$/.test(label) ? label : hex;
}

/** `'ID' @ HOST[PORT] EAP: 'ID' [VIRTUAL IPs]`. */
function end(sa: Section, side: "local" | "remote"): string {
  let result = `'${text(sa, `${side}-id`)}' @ ${text(sa, `${side}-host`)}[${text(sa, `${side}-port`)}]`;
  const [eap, xauth] = [sa.text(`${side}-eap-id`), sa.text(`${side}-xauth-id`)];
  if (eap !== undefined) result += ` EAP: '${eap}'`;
  if (xauth !== undefined) result += ` XAuth: '${xauth}'`;
  const vips = sa.list(`${side}-vips`);
  return vips === undefined ? result : `${result} [${vips.join(" ")}]`;
}

function establishedText(sa: Section): string {
  const [rekey, reauth] = [sa.text("rekey-time"), sa.text("reauth-time")];
  return `established ${text(sa, "established")}s ago${rekey === undefined ? "" : `, rekeying in ${rekey}s`}${reauth === undefined ? "" : `, reauth in ${reauth}s`}`;
}

/** SPI, CPI, mark and interface, then what went through. */
function trafficText(child: Section, way: "in" | "out"): string {
  const cpi = child.text(`cpi-${way}`);
  const [mark, mask, interfaceId] = [child.text(`mark-${way}`), child.text(`mark-mask-${way}`), child.text(`if-id-${way}`)];
  let result = `    ${way.padEnd(3)} ${text(child, `spi-${way}`)}${cpi === undefined ? "" : `/${cpi}`}`;
  if (mark !== undefined || interfaceId !== undefined) {
    const markText = mark === undefined ? "-" : `0x${mark}${mask === undefined ? "" : `/0x${mask}`}`;
    result += ` (${markText}${interfaceId === undefined ? "" : `|0x${interfaceId}`})`;
  }
  const used = child.text(`use-${way}`);
  result += `, ${text(child, `bytes-${way}`).padStart(6)} bytes, ${text(child, `packets-${way}`).padStart(5)} packets`;
  return used === undefined ? result : `${result}, ${used.padStart(5)}s ago`;
}

function algorithms(sa: Section, ...kinds: readonly string[]): string[] {
  return kinds.flatMap((kind) => {
    const [algorithm, keySize] = [sa.text(`${kind}-alg`), sa.text(`${kind}-keysize`)];
    return algorithm === undefined ? [] : [keySize === undefined ? algorithm : `${algorithm}-${keySize}`];
  });
}

/** RFC 9370: up to seven. */
function additionalKeyExchanges(sa: Section): string[] {
  return [1, 2, 3, 4, 5, 6, 7].flatMap((number) => {
    const method = sa.text(`ake${number}`);
    return method === undefined ? [] : [`KE${number}_${method}`];
  });
}

function present(sa: Section, ...names: readonly string[]): string[] {
  return names.flatMap((name) => sa.text(name) ?? []);
}

function text(section: Section, name: string): string {
  return section.text(name) ?? "";
}
