// Arrays travel as {dtype, shape, data}: little-endian base64. Each is decoded once, on arrival.
const TYPES = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array }

export function decodePayload(payload) {
  const decoded = {}
  for (const [name, value] of Object.entries(payload)) decoded[name] = value?.dtype ? decodeArray(value) : value
  return decoded
}

export function bytesOf(base64) {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

export const numbersOf = ({ dtype, data }) => new TYPES[dtype](bytesOf(data).buffer)

function decodeArray({ dtype, shape, data }) {
  const values = numbersOf({ dtype, data })
  if (shape.length < 2) return values
  const [rows, width] = shape
  return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width))
}
