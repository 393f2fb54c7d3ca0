import { Host } from "@cygnet/plugin-api";
import type { Attribute } from "@cygnet/plugin-api";
import { TrafficSelectorType } from "@cygnet/wire";
import { TrafficSelector } from "../../config/index.js";
import { Identification } from "../../identity/index.js";
import type { RecordReader } from "./record-reader.js";
import type { RecordWriter } from "./record-writer.js";

/** Flags of a traffic selector. */
const IS_IPV6 = 1;
const IS_DYNAMIC = 2;

const NO_HOSTS: readonly Host[] = [];
const NO_ATTRIBUTES: readonly Attribute[] = [];

export function encodeHost(writer: RecordWriter, host: Host): void {
  writer.u8(host.family);
  writer.u16(host.port);
  writer.copy(host.address);
}

export function encodeHosts(writer: RecordWriter, hosts: readonly Host[]): void {
  writer.u16(hosts.length);
  for (let i = 0; i < hosts.length; i++) encodeHost(writer, hosts[i]!);
}

export function encodeIdentity(writer: RecordWriter, { type, data }: Identification): void {
  writer.u8(type);
  writer.u32(data.length);
  writer.copy(data);
}

export function encodeAttributes(writer: RecordWriter, attributes: readonly Attribute[]): void {
  writer.u16(attributes.length);
  for (let i = 0; i < attributes.length; i++) {
    const { type, value } = attributes[i]!;
    writer.u16(type);
    writer.u32(value.length);
    writer.copy(value);
  }
}

export function encodeSelectors(writer: RecordWriter, selectors: readonly TrafficSelector[]): void {
  writer.u16(selectors.length);
  for (let i = 0; i < selectors.length; i++) {
    const ts = selectors[i]!;
    writer.u8((ts.family === 6 ? IS_IPV6 : 0) | (ts.isDynamic ? IS_DYNAMIC : 0));
    writer.u8(ts.protocol);
    writer.u16(ts.startPort);
    writer.u16(ts.endPort);
    if (ts.isDynamic) continue;
    writer.copy(ts.startAddress);
    writer.copy(ts.endAddress);
  }
}

export function decodeHost(reader: RecordReader): Host {
  const family = reader.u8("address");
  if (family !== 4 && family !== 6) reader.fail("address", "is of no family");
  const port = reader.u16("address");
  return new Host(family, reader.take(family === 4 ? 4 : 16, "address").slice(), port);
}

export function decodeHosts(reader: RecordReader): readonly Host[] {
  const count = reader.u16("addresses");
  if (count === 0) return NO_HOSTS;
  const hosts: Host[] = [];
  for (let i = 0; i < count; i++) hosts.push(decodeHost(reader));
  return hosts;
}

export function decodeIdentity(reader: RecordReader): Identification {
  const type = reader.u8("identity");
  return Identification.fromWire(type, reader.take(reader.u32("identity"), "identity"));
}

export function decodeAttributes(reader: RecordReader): readonly Attribute[] {
  const count = reader.u16("attributes");
  if (count === 0) return NO_ATTRIBUTES;
  const attributes: Attribute[] = [];
  for (let i = 0; i < count; i++) {
    const type = reader.u16("attribute");
    attributes.push({ type, value: reader.take(reader.u32("attribute"), "attribute").slice() });
  }
  return attributes;
}

export function decodeSelectors(reader: RecordReader): TrafficSelector[] {
  const selectors: TrafficSelector[] = [];
  const count = reader.u16("selectors");
  for (let i = 0; i < count; i++) selectors.push(decodeSelector(reader));
  return selectors;
}

function decodeSelector(reader: RecordReader): TrafficSelector {
  const flags = reader.u8("selector");
  const protocol = reader.u8("selector");
  const startPort = reader.u16("selector");
  const endPort = reader.u16("selector");
  if (flags & IS_DYNAMIC) return TrafficSelector.dynamic({ protocol, startPort, endPort });
  const isIpv6 = (flags & IS_IPV6) !== 0;
  const startAddress = reader.take(isIpv6 ? 16 : 4, "selector");
  const endAddress = reader.take(isIpv6 ? 16 : 4, "selector");
  const tsType = isIpv6 ? TrafficSelectorType.TS_IPV6_ADDR_RANGE : TrafficSelectorType.TS_IPV4_ADDR_RANGE;
  const known = TrafficSelector.fromWire({ tsType, protocol, startPort, endPort, startAddress, endAddress });
  if (known) return known;
  // What a listener of `narrow` put there, which no peer could have sent.
  const addresses = { startAddress: startAddress.slice(), endAddress: endAddress.slice() };
  return TrafficSelector.of({ family: isIpv6 ? 6 : 4, protocol, startPort, endPort, ...addresses });
}
