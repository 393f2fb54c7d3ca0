import type { Section } from "@cygnet/vici";
import { SwanctlExit } from "../context.js";
import type { Run } from "../context.js";
import { askStream } from "../request.js";
import { labelText } from "./sa-text.js";

export const listConns: Run = async (context) => {
  const { client, reporter, terminal } = context;
  const answer = await askStream(client, "list-conns", "list-conn", {}, (message) => {
    reporter.event("list-conn", message);
    if (reporter.isText) for (const [name, conn] of message.sections()) terminal.out(connText(name, conn));
  });
  reporter.reply("list-conns", answer.message);
  return SwanctlExit.OK;
};

/** A connection with its authentication rounds and children. */
function connText(name: string, conn: Section): string {
  const dpdDelay = conn.number("dpd_delay") ?? 0;
  const lines = [`${name}: ${conn.text("version") ?? ""}, ${lifetimes(conn)}${dpdDelay > 0 ? `, dpd delay ${dpdDelay}s` : ""}`];
  const ppk = conn.text("ppk_id");
  const isPpkRequired = conn.flag("ppk_required") === true;
  if (ppk !== undefined || isPpkRequired) lines.push(`  ppk: ${ppk ?? "%any"}${isPpkRequired ? ", required" : ""}`);
  for (const side of ["local", "remote"]) {
    const port = conn.text(`${side}_port`);
    for (const address of conn.list(`${side}_addrs`) ?? [])
      lines.push(`  ${`${side}:`.padEnd(7)} ${address}${port === undefined ? "" : `[${port}]`}`);
  }
  for (const [key, section] of conn.sections()) {
    if (key.startsWith("local")) lines.push(...authLines("local", section));
    else if (key.startsWith("remote")) lines.push(...authLines("remote", section));
  }
  for (const [childName, child] of conn.section("children")?.sections() ?? [])
    lines.push(...childLines(childName, child, dpdDelay > 0));
  return `${lines.join("\n")}\n`;
}

/** IKEv1 knows no rekeying of IKE_SAs: either time makes a new one. */
function lifetimes(conn: Section): string {
  const [reauth, rekey] = [conn.number("reauth_time") ?? 0, conn.number("rekey_time") ?? 0];
  if (conn.text("version") === "IKEv1") return every("reauthentication", reauth || rekey);
  return `${every("reauthentication", reauth)}, ${every("rekeying", rekey)}`;
}

function every(what: string, seconds: number): string {
  return seconds > 0 ? `${what} every ${seconds}s` : `no ${what}`;
}

function authLines(side: string, auth: Section): string[] {
  const lines = [`  ${side} ${auth.text("eap-type") ?? auth.text("class") ?? "unspecified"} authentication:`];
  for (const key of ["id", "ca_id", "eap_id", "xauth_id", "aaa_id"]) {
    const value = auth.text(key);
    if (value !== undefined) lines.push(`    ${key}: ${value}`);
  }
  for (const key of ["groups", "cert_policy", "certs", "cacerts"]) {
    const values = auth.list(key) ?? [];
    if (values.length > 0) lines.push(`    ${key.replace("_", " ")}: ${values.join(" ")}`);
  }
  return lines;
}

function childLines(name: string, child: Section, hasDpd: boolean): string[] {
  const mode = child.text("mode") ?? "";
  const limits = (["rekey_time", "rekey_bytes", "rekey_packets"] as const).flatMap((key) => {
    const limit = child.text(key) ?? "0";
    const unit = { rekey_time: "s", rekey_bytes: " bytes", rekey_packets: " packets" }[key];
    return limit === "0" ? [] : [`${limit}${unit}`];
  });
  const isShunt = mode === "PASS" || mode === "DROP";
  const rekeying = isShunt || limits.length === 0 ? "no rekeying" : `rekeying every ${limits.join(" or ")}`;
  const lines = [`  ${name}: ${mode}, ${rekeying}${hasDpd ? `, dpd action is ${child.text("dpd_action") ?? "none"}` : ""}`];
  const label = child.text("label");
  if (label !== undefined) lines.push(`    label:  ${labelText(label)}`);
  for (const side of ["local", "remote"]) lines.push(`    ${`${side}:`.padEnd(7)} ${(child.list(`${side}-ts`) ?? []).join(" ")}`);
  for (const key of ["interface", "priority"]) {
    const value = child.text(key);
    if (value !== undefined) lines.push(`    ${key}: ${value}`);
  }
  return lines;
}
