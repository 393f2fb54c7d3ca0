import { children, isTagged, octetsOf, oidOf } from "./der.js";
import type { Der } from "./der.js";
import { EXTENSION, QUALIFIER_CPS, QUALIFIER_USER_NOTICE } from "./extensions.js";
import type { Extensions } from "./extensions.js";
import { generalNameTexts } from "./general-name.js";

const LIST = "           ";
const POLICY = "             ";

/** Name constraints and what is said of policies, RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.10, 4.2.1.11 and 4.2.1.14. */
export function constraintLines(extensions: Extensions): string[] {
  return [
    ...listed("permitted nameConstraints", LIST, nameConstraints(extensions, 0)),
    ...listed("excluded nameConstraints", LIST, nameConstraints(extensions, 1)),
    ...listed("certificatePolicies", POLICY, policies(extensions)),
    ...listed("policyMappings", LIST, policyMappings(extensions)),
    ...listed("policyConstraints", LIST, policyConstraints(extensions)),
  ];
}

function listed(title: string, indent: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : [`  ${title}:`, ...entries.map((entry) => `${indent}${entry}`)];
}

function nameConstraints(extensions: Extensions, which: number): string[] {
  const constraints = extensions.get(EXTENSION.NAME_CONSTRAINTS);
  const subtrees = constraints && children(constraints).find((field) => isTagged(field, which));
  if (subtrees === undefined) return [];
  return children(subtrees).flatMap((subtree) => generalNameTexts(children(subtree).slice(0, 1)));
}

function policies(extensions: Extensions): string[] {
  const list = extensions.get(EXTENSION.CERTIFICATE_POLICIES);
  return list === undefined ? [] : children(list).flatMap(policyTexts);
}

function policyTexts(policy: Der): string[] {
  const [oid, qualifiers] = children(policy) as [Der, Der | undefined];
  const lines = [oidOf(oid)];
  for (const qualifier of qualifiers === undefined ? [] : children(qualifiers)) {
    const [type, value] = children(qualifier) as [Der, Der];
    if (oidOf(type) === QUALIFIER_CPS) lines.push(`CPS: ${octetsOf(value).toString("latin1")}`);
    else if (oidOf(type) === QUALIFIER_USER_NOTICE) lines.push(...noticeTexts(value));
  }
  return lines;
}

/** The text of a notice; where there is a reference to one, that comes first and is a structure. */
function noticeTexts(notice: Der): string[] {
  const text = children(notice).find((field) => typeof field.value === "string");
  return text === undefined
    ? []
    : [
        `Notice: ${octetsOf(text)
          .toString("utf8")
          .replaceAll(/\p{Cc}/gu, "?")}`,
      ];
}

function policyMappings(extensions: Extensions): string[] {
  const list = extensions.get(EXTENSION.POLICY_MAPPINGS);
  return list === undefined ? [] : children(list).map((mapping) => children(mapping).map(oidOf).join(" => "));
}

function policyConstraints(extensions: Extensions): string[] {
  const constraints = extensions.get(EXTENSION.POLICY_CONSTRAINTS);
  const fields = constraints === undefined ? [] : children(constraints);
  const explicit = fields.find((field) => isTagged(field, 0));
  const mapping = fields.find((field) => isTagged(field, 1));
  const any = extensions.get(EXTENSION.INHIBIT_ANY_POLICY);
  return [
    ...(explicit === undefined ? [] : [`requireExplicitPolicy: ${skipCerts(explicit)}`]),
    ...(mapping === undefined ? [] : [`inhibitPolicyMapping: ${skipCerts(mapping)}`]),
    ...(any === undefined ? [] : [`inhibitAnyPolicy: ${skipCerts(any)}`]),
  ];
}

/** Tagged implicitly as the RFC says, or explicitly as strongSwan 5.9 writes them. */
function skipCerts(field: Der): number {
  const octets = octetsOf(Array.isArray(field.value) ? children(field)[0]! : field);
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}
