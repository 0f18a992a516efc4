export function list(words: string[]): string
