// Arrays travel as {dtype, shape, data}: little-endian base64. Each is decoded once, on arrival.
/** @import { Encoded } from "../told.js" */

/** @typedef {Float32Array | Float64Array | Int32Array | Uint8Array} TypedNumbers */

/** @type {Record<string, new (buffer: ArrayBuffer) => TypedNumbers>} */
const TYPES = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array }

/** @type {(payload: Record<string, any>) => any} */
export function decodePayload(payload) {
  /** @type {Record<string, any>} */
  const decoded = {}
  for (const [name, value] of Object.entries(payload)) decoded[name] = value?.dtype ? decodeArray(value) : value
  return decoded
}

/** @type {(base64: string) => Uint8Array<ArrayBuffer>} */
export function bytesOf(base64) {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

/** @type {(encoded: Pick<Encoded, "dtype" | "data">) => TypedNumbers} */
export const numbersOf = ({ dtype, data }) => new TYPES[dtype](bytesOf(data).buffer)

/** @type {(encoded: Encoded) => TypedNumbers | TypedNumbers[]} */
function decodeArray({ dtype, shape, data }) {
  const values = numbersOf({ dtype, data })
  if (shape.length < 2) return values
  const [rows, width] = shape
  return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width))
}
