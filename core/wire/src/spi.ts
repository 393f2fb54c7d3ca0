/** Reads a 4-octet SPI of AH or ESP as an unsigned number. */
export function spiNumber(spi: Uint8Array): number {
  return ((spi[0] << 24) | (spi[1] << 16) | (spi[2] << 8) | spi[3]) >>> 0;
}

/** The 4 octets of an AH or ESP SPI. */
export function spiBytes(spi: number): Uint8Array {
  return Uint8Array.of(spi >>> 24, (spi >>> 16) & 0xff, (spi >>> 8) & 0xff, spi & 0xff);
}

/** The 8 octets of an IKE SPI given as two halves. */
export function ikeSpiBytes(hi: number, lo: number): Uint8Array {
  const spi = new Uint8Array(8);
  spi.set(spiBytes(hi), 0);
  spi.set(spiBytes(lo), 4);
  return spi;
}

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

/** An SPI of AH or ESP as log lines print it: 8 hexadecimal digits. */
export function spiText(spi: number): string {
  return HEX[spi >>> 24]! + HEX[(spi >>> 16) & 0xff]! + HEX[(spi >>> 8) & 0xff]! + HEX[spi & 0xff]!;
}

/** An IKE SPI as log lines print it: 16 hexadecimal digits, most significant first, as on the wire. */
export function ikeSpiText(hi: number, lo: number): string {
  return spiText(hi) + spiText(lo);
}
