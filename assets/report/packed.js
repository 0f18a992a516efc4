// What was compressed to travel: JSON, and the code that draws charts.

/** @param {Uint8Array<ArrayBuffer>} bytes of gzip, or what a host has unpacked on the way */
export async function unpacked(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new TextDecoder().decode(bytes)
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
}
